"""Scripts for a ticket, with the customer's and the ticket's fields filled in."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from kb.scripts.models import Script
from kb.scripts.rendering import fill_in
from tickets.models import Ticket
from tickets.people.models import User


@dataclass(frozen=True)
class Filled:
    """A script ready to be read aloud or put into the composer."""

    script: Script
    text: str


def scripts_for(*, ticket: Ticket, user: User) -> list[Filled]:
    """Every active script that fits the ticket's category, filled in; a fixed number of queries."""
    values = fields_of(ticket, user)
    fitting = Script.objects.filter(Q(category=None) | Q(category=ticket.category_id), active=True)
    return [Filled(script, fill_in(script.body, values)) for script in fitting]


def render(script: Script, *, ticket: Ticket, user: User) -> str:
    """One script, filled in."""
    return fill_in(script.body, fields_of(ticket, user))


def fields_of(ticket: Ticket, user: User) -> dict[str, str]:
    """The vocabulary's values for this ticket and this agent; what is not known is left out."""
    contact = ticket.requester
    supervisor = User.objects.filter(
        memberships__team=ticket.team_id, memberships__leads=True, is_active=True
    ).order_by("pk")
    order = ticket.orders.order_by("-placed_at", "-pk").first()
    product = contact.products.order_by("pk").first()
    first = supervisor.first()
    return {
        "customer": contact.name,
        "first_name": contact.name.split()[0] if contact.name.strip() else "",
        "organization": contact.organization.name if contact.organization else "",
        "reference": ticket.reference,
        "subject": ticket.subject,
        "agent": user.name,
        "company": settings.COMPANY_NAME,
        "team": ticket.team.name,
        "supervisor": first.name if first else "",
        "order": order.number if order else "",
        "product": product.name if product else "",
        "expected_by": _moment(ticket.answer_due_at, contact.time_zone),
    }


def _moment(at: datetime | None, zone: str) -> str:
    """In the customer's zone, as one would say it: «Tuesday 3 March, 17:00»."""
    if at is None:
        return ""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%A} {local.day} {local:%B}, {local:%H:%M}"
