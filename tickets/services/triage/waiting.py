"""Since when a ticket's customer waits for an answer."""

from datetime import datetime

from django.db.models import Q

from tickets.models import Ticket, TicketEvent
from tickets.services.addressees import ANSWERS

Kind = TicketEvent.Kind
_BROUGHT = (Kind.MERGED_IN, Kind.STILL_WAITING)
_ASKED = (Kind.OPENED, Kind.CUSTOMER_MESSAGE, *_BROUGHT)


def waiting_since(ticket: Ticket) -> datetime | None:
    """The first thing the customer said after our last answer; None when nothing is unanswered.

    Nobody waits on a solved ticket. A wait that an earlier merge brought along counts too.
    """
    if not ticket.is_active:
        return None
    answered = (
        ticket.events.filter(kind__in=ANSWERS).order_by("-at").values_list("at", flat=True).first()
    )
    asked = ticket.events.filter(kind__in=_ASKED)
    if answered:
        # Whom the answer did not reach waits on since that very instant.
        asked = asked.filter(Q(at__gt=answered) | Q(at=answered, kind=Kind.STILL_WAITING))
    waits = [_start(event) for event in asked]
    return min((at for at in waits if at), default=None)


def _start(event: TicketEvent) -> datetime | None:
    if event.kind not in _BROUGHT:
        return event.at
    since = event.data.get("wait_since")
    return datetime.fromisoformat(since) if since else None
