"""What waits to be said and has lapsed meanwhile."""

from datetime import datetime

from tickets import events
from tickets.models import Message, Ticket, TicketEvent
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.people.models import User


def take_back_progress(*, ticket: Ticket, actor: User | None, now: datetime) -> None:
    """Held progress lines never leave: nobody is told «still at it» after «it is done».

    Call it under the ticket's lock; to every clock the lines were never written.
    """
    lines = Message.objects.filter(
        ticket=ticket, kind=Message.Kind.PROGRESS, mail__state=OutgoingMail.State.HELD
    )
    for message in lines.select_related("mail").order_by("pk"):
        if message.mail and outbox.recall(mail=message.mail, now=now):
            events.record(
                ticket, TicketEvent.Kind.REPLY_RECALLED, at=now, now=now, actor=actor,
                message=message, said=message.kind,
            )  # fmt: skip
