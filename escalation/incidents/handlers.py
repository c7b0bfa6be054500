"""What incidents do when something happens on a ticket, is undone, or when news cannot be delivered."""

from datetime import datetime
from typing import Any

from escalation.incidents import services
from tickets.models import BulkItem, Ticket, TicketEvent
from tickets.outbox.models import OutgoingMail
from tickets.people.models import User

Kind = TicketEvent.Kind
LEFT = {Kind.PROGRESS.value, Kind.REPLY_RELEASED.value}


def heard(ticket: Ticket, event: TicketEvent, now: datetime, **_: Any) -> None:
    """Runs inside the transaction of the change, under the lock of both tickets where two merge."""
    message = event.message
    if event.kind == Kind.MERGED_IN:
        source = Ticket.objects.get(reference=event.data["source"])
        services.bring_along(source=source, target=ticket)
    elif message is None:
        return
    elif event.kind == Kind.REPLY_RECALLED:
        services.words_taken_back(message=message, actor=event.actor, now=now)
    elif event.kind == Kind.REPLY_FAILED:
        services.words_lost(message=message, now=now)
    elif event.kind in LEFT:
        services.words_left(ticket=ticket, message=message, now=now)


def undoing(item: BulkItem, actor: User, now: datetime, **_: Any) -> bool:
    """Whether it was a link, and is taken back; in the transaction that undoes a change of many,
    under the lock of this ticket."""
    if item.before["above"] != services.ABOVE:
        return False
    services.take_back(item=item, actor=actor, now=now)
    return True


def not_delivered(mail: OutgoingMail, now: datetime, **_: Any) -> None:
    """Runs inside the transaction that gives the mail up."""
    if mail.purpose == OutgoingMail.Purpose.NOTICE:
        services.lose(mail=mail, now=now)


def returned(mail: OutgoingMail, now: datetime, **_: Any) -> None:
    """A report says that no mail arrives there; in the transaction that reads it."""
    if mail.purpose == OutgoingMail.Purpose.NOTICE:
        services.lose(mail=mail, now=now, came_back=True)
