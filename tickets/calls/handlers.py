"""What the call log does when tickets are merged."""

from datetime import datetime
from typing import Any

from tickets.calls.models import Call, Callback
from tickets.calls.services import record_promise
from tickets.models import Ticket, TicketEvent


def follow_merge(ticket: Ticket, event: TicketEvent, now: datetime, **_: Any) -> None:
    """Calls move with the conversation, and a call we owe is owed on: since when it was promised."""
    if event.kind != TicketEvent.Kind.MERGED_IN:
        return
    source = Ticket.objects.get(reference=event.data["source"])
    Call.objects.filter(ticket=source).update(ticket=ticket)
    owed = list(Callback.objects.filter(ticket=source, state=Callback.State.OPEN))
    Callback.objects.filter(ticket=source).update(ticket=ticket)
    for callback in owed:
        callback.ticket = ticket
        record_promise(callback, actor=event.actor, now=now)
