"""What incidents do when something happens on a ticket, is undone, or when news cannot be delivered."""

from datetime import datetime
from typing import Any

from escalation.incidents import services
from tickets.models import BulkItem, Ticket, TicketEvent
from tickets.outbox.models import OutgoingMail
from tickets.people.models import User


def heard(ticket: Ticket, event: TicketEvent, now: datetime, **_: Any) -> None:
    """Runs inside the transaction of the change, under the lock of both tickets where two merge."""
    if event.kind == TicketEvent.Kind.MERGED_IN:
        source = Ticket.objects.get(reference=event.data["source"])
        services.bring_along(source=source, target=ticket)


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
