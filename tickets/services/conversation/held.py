"""A reply or a progress line while it waits: other words, taken back, sent now, its time moved. One of them wins."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from tickets import events
from tickets.errors import Conflict, TooLate
from tickets.lifecycle import Status
from tickets.models import Message, Ticket, TicketEvent
from tickets.outbox import holding
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.people.models import User
from tickets.services import mailing, words
from tickets.services.listing import show_waiting
from tickets.services.locking import locked_owner, must_have_read, write

Kind = TicketEvent.Kind
State = OutgoingMail.State
_NEVER_HELD = "This message was never held."
_NOT_SAVED = "Nothing of yours was saved; read their words, then decide."
_NOT_SENT = "Nothing is sent yet: read their words, then send them, or change them."


def edit_held(
    *,
    message: Message,
    actor: User,
    body: str,
    now: datetime,
    expected_version: int | None = None,
) -> Message:
    """Puts other words into a reply that still waits; it leaves when it would have left.

    Raises Invalid, TooLate once it has left, and Conflict, naming who was faster, when the reply
    is not at ``expected_version`` any more.
    """
    is_line = message.kind == Message.Kind.PROGRESS
    body = words.body(body, most=words.MAX_LINE if is_line else words.MAX_BODY)
    with locked_owner(message) as ticket:
        mail = _mail(message)
        said = mailing.reply_words(_reference(ticket, mail), body, message.author or actor)
        if not outbox.edit(mail=mail, now=now, text=said.text, html=said.html):
            raise TooLate(_too_late(message, mail, "edited"))
        # Under the ticket's lock; raising undoes what the mail was just given.
        version = _must_be_worded(message, expected_version, _NOT_SAVED)
        message.body, message.version = body, version + 1
        message.save(update_fields=["body", "version"])
        events.saying.send(sender=Message, ticket=ticket, message=message)
        write(ticket, now)
        events.record(
            ticket, Kind.REPLY_EDITED, at=now, now=now, actor=actor, message=message,
            said=message.kind,
        )  # fmt: skip
    return message


def recall(*, message: Message, actor: User, now: datetime) -> Message:
    """Takes a waiting reply back: to every clock it was never written. Raises TooLate."""
    with locked_owner(message) as ticket:
        mail = _mail(message)
        if not outbox.recall(mail=mail, now=now):
            raise TooLate(_too_late(message, mail, "recalled"))
        show_waiting(ticket)
        write(ticket, now)
        events.record(
            ticket, Kind.REPLY_RECALLED, at=now, now=now, actor=actor, message=message,
            said=message.kind,
        )  # fmt: skip
    return message


def send_now(
    *,
    message: Message,
    actor: User,
    now: datetime,
    seen: int | None = None,
    expected_version: int | None = None,
) -> Message:
    """Ends the hold of a waiting reply; the next delivery takes it.

    ``seen`` is the newest message that ``actor`` has seen, ``expected_version`` the words' that they
    have. Raises TooLate, Unread as for a new reply, and Conflict where the words were edited since.
    """
    with locked_owner(message) as ticket:
        mail = _mail(message)
        if mail.state == State.HELD:
            must_have_read(ticket, seen, actor)
            _must_be_worded(message, expected_version, _NOT_SENT)
        if not outbox.send_now(mail=mail, now=now):
            raise TooLate(_too_late(message, mail, "sent"))
        # Whatever moves deadlines later must not hold it again.
        message.hold = timedelta(0)
        message.save(update_fields=["hold"])
        show_waiting(ticket)
    return message


def retime_holds(*, ticket: Ticket, now: datetime) -> None:
    """Shortens (or lengthens) the holds of waiting replies after a deadline moved (rule 6)."""
    moved = False
    with transaction.atomic():
        held = Message.objects.filter(ticket=ticket, kind__in=Message.HELD, mail__state=State.HELD)
        for message in held.select_related("mail").order_by("pk"):
            mail = _mail(message)
            wanted = release_at(
                ticket, written_at=mail.written_at, hold=message.hold,
                status_after=message.status_after,
            )  # fmt: skip
            if wanted != mail.release_at:
                moved |= outbox.retime(mail=mail, release_at=wanted)
        if moved:
            show_waiting(ticket)


def release_at(
    ticket: Ticket, *, written_at: datetime, hold: timedelta | None, status_after: str
) -> datetime:
    """When a reply written then leaves, with the deadlines as they are now (sla.md rule 6)."""
    due = [ticket.answer_due_at, ticket.solve_due_at if status_after == Status.SOLVED else None]
    return holding.release_at(
        written_at=written_at,
        hold=settings.HOLD if hold is None else hold,
        minimum=settings.HOLD_MINIMUM,
        margin=settings.HOLD_MARGIN,
        deadline=min((at for at in due if at), default=None),
    )


def why_not_held(message: Message) -> str:
    """Why it can be edited no more, and by whom; "" while it waits. Of any message: pages ask it also
    of automatic ones that are on their way."""
    mail = message.mail
    if mail is None:
        return _NEVER_HELD
    return "" if mail.state == State.HELD else _too_late(message, mail, "edited")


def written_on(message: Message) -> str:
    """The reference that the customer reads below a waiting reply."""
    return _reference(message.ticket, message.mail) if message.mail else message.ticket.reference


def _mail(message: Message) -> OutgoingMail:
    if message.mail is None or message.kind not in Message.HELD:
        raise TooLate(_NEVER_HELD)
    return message.mail


def _reference(ticket: Ticket, mail: OutgoingMail) -> str:
    """What its customer calls the ticket: the one the mail was written on, whatever became of it."""
    return mailing.reference_of(mail.reply_to) or ticket.reference


def _must_be_worded(message: Message, version: int | None, advice: str) -> int:
    """The version of its words now, which is ``version`` where one is given. Raises Conflict."""
    its = Message.objects.values_list("version", flat=True).get(pk=message.pk)
    if version is not None and its != version:
        who = _who(message, Kind.REPLY_EDITED)
        raise Conflict(f"{who} edited this {_what(message)} after you opened it. {advice}")
    return its


def _too_late(message: Message, mail: OutgoingMail, wanted: str) -> str:
    state = OutgoingMail.objects.values_list("state", flat=True).get(pk=mail.pk)
    if state == State.RECALLED:
        who = _who(message, Kind.REPLY_RECALLED)
        return (
            f"{who} recalled this {_what(message)}; it cannot be {wanted} any more. Write it anew."
        )
    return f"This {_what(message)} has already left; it cannot be {wanted} any more. Write another one."


def _what(message: Message) -> str:
    return message.get_kind_display().lower()


def _who(message: Message, kind: TicketEvent.Kind) -> str:
    events_of_it = TicketEvent.objects.filter(message=message, kind=kind)
    last = events_of_it.select_related("actor").order_by("-recorded_at", "-pk").first()
    return last.actor.name if last and last.actor else "Somebody"
