"""How Northlight shares its work: one team in turn, a skill asked for, somebody out of office,
some of it put aside."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from escalation.demo.people import ZONE, Company
from tickets.lifecycle import ASIDE
from tickets.models import Ticket
from tickets.people.models import Absence, Skill, Team
from tickets.routing.models import Need
from tickets.services import triage

# In how many days from today what is put aside comes back.
_MORNINGS = (1, 2, 3, 5, 7, 14)


def share_out(company: Company, now: datetime) -> None:
    """Call it before the first ticket: then those of the team have found somebody by themselves."""
    billing = company.teams["Orders and billing"]
    billing.assignment, billing.most_open = Team.Assignment.ROUND_ROBIN, 30
    billing.save()
    hub = Skill.objects.get(name="Hub and network")
    Need.objects.create(skill=hub, category=company.categories["Fault"])
    Absence.objects.create(
        user=company.users["dev"],
        deputy=company.users["chloe"],
        starts_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=3),
        note="At the trade fair; Chloé has my notes.",
    )


def put_aside(now: datetime) -> None:
    """Call it after the history: of two that wait one says when it comes back, some of them soon."""
    zone = ZoneInfo(ZONE)
    waiting = Ticket.objects.filter(status__in=sorted(ASIDE)).select_related("assignee")
    for number, ticket in enumerate(waiting.order_by("-opened_at", "pk")[::2]):
        day = now.astimezone(zone).date() + timedelta(days=_MORNINGS[number % len(_MORNINGS)])
        until = datetime.combine(day, time(9 + number % 3), zone).astimezone(UTC)
        triage.put_aside(ticket=ticket, until=until, actor=ticket.assignee, now=now)
