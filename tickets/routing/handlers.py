"""What routing does when something happens to a ticket."""

from datetime import datetime
from typing import Any

from tickets.lifecycle import ACTIVE, Status
from tickets.models import Ticket, TicketEvent
from tickets.routing.services import route

Kind = TicketEvent.Kind
DONE = {Status.SOLVED.value, Status.CLOSED.value}


def heard(ticket: Ticket, event: TicketEvent, now: datetime, **_: Any) -> None:
    """Runs inside the transaction of the opening, the move or the reopening."""
    reopened = _reopens(event)
    if reopened or event.kind in (Kind.OPENED, Kind.TEAM_CHANGED):
        route(ticket=ticket, now=now, reopened=reopened)


def _reopens(event: TicketEvent) -> bool:
    data = event.data
    return (
        event.kind == Kind.STATUS_CHANGED and data.get("from") in DONE and data.get("to") in ACTIVE
    )
