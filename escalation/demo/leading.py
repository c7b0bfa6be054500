"""How Northlight shares its work: one team in turn, a skill asked for, and somebody out of office."""

from datetime import datetime, timedelta

from escalation.demo.people import Company
from tickets.people.models import Absence, Skill, Team
from tickets.routing.models import Need


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
