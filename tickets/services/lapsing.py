"""What waits to be said and has lapsed meanwhile, or waits again after all."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from tickets import events
from tickets.errors import Broken
from tickets.models import Message, Ticket, TicketEvent
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.people.models import User
from tickets.services.listing import show_waiting

PASSED = "the time at which it was to leave has passed"


def held_lines(ticket: Ticket) -> list[int]:
    """The numbers of the progress lines that wait."""
    return list(
        _lines(ticket).filter(mail__state=OutgoingMail.State.HELD).values_list("pk", flat=True)
    )


def lines_held_on(tickets: Iterable[Ticket]) -> list[int]:
    """The ticket of each progress line that waits on one of these, in one query."""
    held = Message.objects.filter(kind=Message.Kind.PROGRESS, mail__state=OutgoingMail.State.HELD)
    return list(held.filter(ticket__in=tickets).order_by().values_list("ticket", flat=True))


@dataclass(frozen=True, slots=True)
class Lost:
    """A line that stays taken back, and why, in a clause."""

    line: Message
    because: str


def hold_lines_again(*, ticket: Ticket, lines: Collection[int], now: datetime) -> list[Lost]:
    """Lines that were taken back wait again, to leave when they would have; returns those that stay
    taken back: their time has passed, or what they promise does not hold any more. Call it under
    the ticket's lock."""
    found = _lines(ticket).filter(pk__in=lines, mail__isnull=False)
    tried = [
        (line, _again(ticket, line, now)) for line in found.select_related("mail").order_by("pk")
    ]
    show_waiting(ticket)
    return [Lost(line, because) for line, because in tried if because]


def _again(ticket: Ticket, line: Message, now: datetime) -> str:
    """Why it does not wait again; empty where it does."""
    try:
        events.saying.send(sender=Message, ticket=ticket, message=line)
    except Broken as refusal:
        return refusal.because
    waits = line.mail is not None and outbox.hold_again(mail=line.mail, now=now)
    return "" if waits else PASSED


def take_back_progress(*, ticket: Ticket, actor: User | None, now: datetime) -> None:
    """Held progress lines never leave: nobody is told «still at it» after «it is done».

    Call it under the ticket's lock; to every clock the lines were never written.
    """
    lines = _lines(ticket).filter(mail__state=OutgoingMail.State.HELD)
    recalled = False
    for message in lines.select_related("mail").order_by("pk"):
        if message.mail and outbox.recall(mail=message.mail, now=now):
            recalled = True
            events.record(
                ticket, TicketEvent.Kind.REPLY_RECALLED, at=now, now=now, actor=actor,
                message=message, said=message.kind,
            )  # fmt: skip
    if recalled:
        show_waiting(ticket)


def _lines(ticket: Ticket) -> QuerySet[Message]:
    return Message.objects.filter(ticket=ticket, kind=Message.Kind.PROGRESS)
