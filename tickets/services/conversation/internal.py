"""What only staff read: notes, and telling those whom a note mentions."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string

from tickets import events
from tickets.files import File
from tickets.models import Message, Ticket, TicketEvent
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.people.models import User
from tickets.services import drafting, filing, mailing, triage, words
from tickets.services.conversation.again import said_already
from tickets.services.locking import locked, must_not_be_merged, touch
from tickets.telling.models import NotificationKind, Preference

MENTIONED = NotificationKind.MENTIONED
_DESK = {User.Role.AGENT, User.Role.SUPERVISOR, User.Role.ADMIN}


def note(
    *,
    ticket: Ticket,
    author: User,
    body: str,
    now: datetime,
    mentions: Sequence[User] = (),
    files: Sequence[File] = (),
    since: datetime | None = None,
    base: str | None = "",
    aside: int | None = None,
) -> Message:
    """An internal note. Who is mentioned sees the ticket from then on and is told, by mail
    unless they do not want that.

    Satisfies no clock, and may be written on a closed ticket too. ``since`` as for ``progress``: what
    the page has noted already is not noted again. Raises Invalid, and Over where
    the ticket was merged away: nobody looks there any more.
    """
    body = words.body(body)
    filing.checked(files)
    with filing.shelf() as kept, locked(ticket):
        if noted := said_already(ticket, author, Message.Kind.NOTE, body, since, files):
            return noted
        must_not_be_merged(ticket)
        message = Message.objects.create(
            ticket=ticket, kind=Message.Kind.NOTE, author=author, body=body, at=now
        )
        kept.attach(message, files)
        drafting.forget(
            ticket=ticket, author=author, kind=message.kind, said=body, base=base, aside=aside
        )
        touch(ticket, now)
        told = {user.pk: user for user in mentions if user.is_active and user.pk != author.pk}
        events.record(
            ticket, TicketEvent.Kind.NOTE_ADDED, at=now, now=now, actor=author, message=message,
            **({"mentioned": list(told)} if told else {}),
        )  # fmt: skip
        unmailed = Preference.objects.who_refuse("by_mail", MENTIONED, told.values())
        for user in told.values():
            _bring_in(ticket, user, author, now)
            if user.pk not in unmailed:
                _tell(ticket, user, author, body, now)
    return message


def is_of_the_desk(person: User) -> bool:
    """Whether a mention makes them follow the ticket; before others it is put, with the reason."""
    return person.role in _DESK


def _bring_in(ticket: Ticket, user: User, author: User, now: datetime) -> None:
    if is_of_the_desk(user):
        triage.follow(ticket=ticket, user=user, actor=author, now=now)
    else:
        because = f"{author.name} mentioned them in a note"[:200]
        triage.involve(ticket=ticket, user=user, because=because, actor=author, now=now)


def _tell(ticket: Ticket, user: User, author: User, body: str, now: datetime) -> None:
    if not outbox.is_mailable(user.email):
        return
    address = f"{settings.BASE_URL}/tickets/{ticket.reference}/"
    context = {"author": author, "ticket": ticket, "body": body, "address": address}
    outbox.queue(
        purpose=OutgoingMail.Purpose.ALERT,
        recipients=[outbox.Recipient(user.email, mailing.one_line(user.name))],
        subject=mailing.one_line(f"[{ticket.reference}] {author.name} mentioned you"),
        text=render_to_string("mail/mention.txt", context),
        now=now,
        author=author,
        sender=mailing.sender(),
        headers={"Auto-Submitted": "auto-generated"},
    )
