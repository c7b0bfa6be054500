"""record(): the event row and its announcement, in one place.

Upper floors listen to ``recorded`` (connected in ``AppConfig.ready``) and act inside the same
transaction; an exception there undoes the change that caused the event.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.dispatch import Signal

from tickets.models import Message, Ticket, TicketEvent
from tickets.people.models import User

# Sent with ticket: Ticket, event: TicketEvent, now: datetime.
recorded = Signal()
# Sent with ticket: Ticket, message: Message, under the ticket's lock, before words of ours wait to
# leave, new, changed or once more. Who raises ServiceRefused keeps them from it.
saying = Signal()
# Sent with item: BulkItem, actor: User, now: datetime, under the ticket's lock, where what an upper
# floor did to many tickets is undone. Whose it is does so and returns True; who raises ServiceRefused
# or NotAllowed keeps it as it is, and so it stays where it is nobody's.
undoing = Signal()


def from_to(before: object, after: object) -> dict[str, Any]:
    """The data of an event in which one value took the place of another."""
    return {"from": before, "to": after}


def record(
    ticket: Ticket,
    kind: TicketEvent.Kind,
    *,
    at: datetime,
    now: datetime,
    actor: User | None = None,
    message: Message | None = None,
    **data: Any,
) -> TicketEvent:
    """Writes down that ``kind`` happened to ``ticket`` at ``at`` and tells every listener.

    ``data`` must be JSON-serialisable. Call it inside the transaction of the change, after it.
    """
    event = TicketEvent.objects.create(
        ticket=ticket, kind=kind, at=at, recorded_at=now, actor=actor, message=message, data=data
    )
    recorded.send(sender=TicketEvent, ticket=ticket, event=event, now=now)
    return event


def record_many(events: Iterable[TicketEvent], *, now: datetime) -> list[TicketEvent]:
    """Like ``record`` for events of many tickets at once: one insert, every listener told."""
    rows = TicketEvent.objects.bulk_create(events)
    for event in rows:
        recorded.send(sender=TicketEvent, ticket=event.ticket, event=event, now=now)
    return rows
