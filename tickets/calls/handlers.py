"""What the call log does when tickets are merged and when people leave."""

from datetime import datetime
from typing import Any

from tickets.calls.models import Call, Callback, Hold
from tickets.calls.services import record_promise
from tickets.models import Ticket, TicketEvent
from tickets.people.models import User


def follow_merge(ticket: Ticket, event: TicketEvent, now: datetime, **_: Any) -> None:
    """Calls move with the conversation, and a call we owe is owed on: since when it was promised."""
    if event.kind != TicketEvent.Kind.MERGED_IN:
        return
    source = Ticket.objects.get(reference=event.data["source"])
    Call.objects.filter(ticket=source).update(ticket=ticket)
    promised = Callback.objects.filter(ticket=source)
    if source.requester_id != ticket.requester_id:
        # Without a name it was promised to the source's customer, who is another one here.
        promised.filter(contact=None).update(contact=source.requester_id)
    owed = list(promised.filter(state=Callback.State.OPEN))
    promised.update(ticket=ticket)
    for callback in owed:
        callback.ticket = ticket
        record_promise(callback, actor=event.actor, now=now)


def hang_up(person: User, now: datetime, **_: Any) -> None:
    """Who does not work here any more is on no call; what came of it nobody knows."""
    mine = Call.objects.of(person).under_way()
    Hold.objects.filter(call__in=mine, ended_at=None).update(ended_at=now)
    mine.update(ended_at=now, outcome=Call.Outcome.CUT_OFF)
