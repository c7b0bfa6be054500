"""Since when a ticket's customer waits for an answer."""

from datetime import datetime

from tickets.models import Ticket, TicketEvent

Kind = TicketEvent.Kind


def waiting_since(ticket: Ticket) -> datetime | None:
    """The first thing the customer said after our last answer; None when nothing is unanswered.

    Nobody waits on a solved ticket. A wait that an earlier merge brought along counts too.
    """
    if not ticket.is_active:
        return None
    answered = (
        ticket.events.filter(kind__in=[Kind.REPLY_RELEASED, Kind.CALL_REACHED])
        .order_by("-at")
        .values_list("at", flat=True)
        .first()
    )
    asked = ticket.events.filter(kind__in=[Kind.OPENED, Kind.CUSTOMER_MESSAGE, Kind.MERGED_IN])
    if answered:
        asked = asked.filter(at__gt=answered)
    waits = [_start(event) for event in asked]
    return min((at for at in waits if at), default=None)


def _start(event: TicketEvent) -> datetime | None:
    if event.kind != Kind.MERGED_IN:
        return event.at
    since = event.data.get("wait_since")
    return datetime.fromisoformat(since) if since else None
