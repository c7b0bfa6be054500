"""What offers do when something happens on a ticket."""

from datetime import datetime
from typing import Any

from kb.offers.services.moving import ask_elsewhere, bring_along
from tickets.models import Ticket, TicketEvent


def heard(ticket: Ticket, event: TicketEvent, now: datetime, **_: Any) -> None:
    """Runs inside the transaction of the change, under the lock of the ticket, of both where two merge."""
    if event.kind == TicketEvent.Kind.MERGED_IN:
        source = Ticket.objects.get(reference=event.data["source"])
        bring_along(source=source, target=ticket, actor=event.actor, now=now)
    elif event.kind == TicketEvent.Kind.TEAM_CHANGED:
        ask_elsewhere(ticket=ticket, actor=event.actor, now=now)
