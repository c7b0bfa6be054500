"""What we say to the customer: replies, which wait in their hold, and lines of progress."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from tickets import events
from tickets.errors import Invalid
from tickets.files import File
from tickets.lifecycle import Status
from tickets.models import Message, Ticket, TicketEvent
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.people.models import User
from tickets.services import drafting, filing, mailing, triage, words
from tickets.services.addressees import copies_for
from tickets.services.conversation.held import release_at
from tickets.services.locking import locked, must_be_at, must_have_read, over, touch, write

Kind = TicketEvent.Kind
_NO_ADDRESS = "{} has no address that mail can go to: call them and log the call."
_NOT_YET = "Progress is told on open tickets only: open it again, or reply."
_NO_PROGRESS = "Open a new ticket for the customer where there is something to tell them."
_LONGEST_HOLD = timedelta(days=7)


def reply(
    *,
    ticket: Ticket,
    author: User,
    body: str,
    now: datetime,
    expected_version: int | None = None,
    hold: timedelta | None = None,
    cc: Sequence[str] = (),
    status_after: str | None = None,
    files: Sequence[File] = (),
    seen: int | None = None,
    shown: Collection[str] = (),
) -> Message:
    """Writes a reply that waits in its hold and leaves by itself, in time for the earliest deadline.

    It satisfies clocks only when it has left (sla.md rule 6), and only then does the ticket become
    ``status_after``: recalled, it has changed nothing. Without one a new ticket is open from now
    on. ``hold`` defaults to the settings'; ``seen`` is the newest message that the writer has seen,
    ``shown`` the marks of the words added to their draft that they have: others stay drafted.
    Raises Unread, Stale, Over on a closed ticket, and Invalid:
    also where the customer has no address, since what reaches nobody would satisfy clocks, and for
    ``files`` that cannot go along.
    """
    body, copies = words.body(body), mailing.copies(cc)
    _check_hold(hold)
    filing.checked(files)
    with filing.shelf() as kept, locked(ticket):
        if ticket.status == Status.CLOSED:
            raise over(ticket, "Open a new ticket for the customer and send your reply there.")
        must_have_read(ticket, seen, author)
        must_be_at(ticket, expected_version)
        if status_after and status_after != ticket.status:
            triage.check_step(ticket.status, status_after, field="status_after")
        _must_be_mailable(ticket)
        said = mailing.reply_words(ticket.reference, body, author)
        mail = mailing.send_to_customer(
            ticket=ticket, text=said.text, html=said.html, author=author, now=now,
            purpose=OutgoingMail.Purpose.REPLY, cc=copies_for(ticket, copies),
            release_at=release_at(
                ticket, written_at=now, hold=hold, status_after=status_after or ""
            ),
        )  # fmt: skip
        message = Message.objects.create(
            ticket=ticket, kind=Message.Kind.REPLY, author=author, body=body, at=now, mail=mail,
            hold=hold, status_after=status_after or "",
        )  # fmt: skip
        _enclose(kept, message, mail, files)
        drafting.forget(ticket=ticket, author=author, kind=message.kind, said=body, shown=shown)
        write(ticket, now)
        events.record(
            ticket, Kind.REPLY_WRITTEN, at=now, now=now, actor=author, message=message,
            release_at=mail.release_at.isoformat(),
        )  # fmt: skip
        if ticket.status == Status.NEW:
            triage.set_status(ticket=ticket, status=Status.OPEN, actor=author, now=now)
    return message


def progress(
    *, ticket: Ticket, author: User, text: str, now: datetime, seen: int | None = None
) -> Message:
    """A line that tells the customer what is being done; held and mailed like a reply.

    It starts the update clock anew when it has left (sla.md rules 5 and 6), and answers nothing.
    Raises Unread as ``reply`` does, Over on what is solved or closed, and Invalid, also where the
    customer has no address.
    """
    text = words.body(text, most=words.MAX_LINE)
    with locked(ticket):
        if not ticket.is_active:
            raise over(ticket, _NO_PROGRESS if ticket.status == Status.CLOSED else _NOT_YET)
        must_have_read(ticket, seen, author)
        _must_be_mailable(ticket)
        said = mailing.reply_words(ticket.reference, text, author)
        mail = mailing.send_to_customer(
            ticket=ticket, text=said.text, html=said.html, author=author, now=now,
            purpose=OutgoingMail.Purpose.REPLY, cc=copies_for(ticket, []),
            release_at=release_at(ticket, written_at=now, hold=None, status_after=""),
        )  # fmt: skip
        message = Message.objects.create(
            ticket=ticket, kind=Message.Kind.PROGRESS, author=author, body=text, at=now, mail=mail
        )
        drafting.forget(ticket=ticket, author=author, kind=message.kind)
        touch(ticket, now)
    return message


def _enclose(
    kept: filing.Shelf, message: Message, mail: OutgoingMail, files: Sequence[File]
) -> None:
    """The message shows the files, the mail takes the same ones along."""
    kept.attach(message, files)
    if files:
        rows = message.attachments.values_list("file", "name", "content_type")
        outbox.enclose(mail=mail, files=rows)


def _must_be_mailable(ticket: Ticket) -> None:
    if not outbox.is_mailable(ticket.requester.email):
        raise Invalid(_NO_ADDRESS.format(ticket.requester.display_name))


def _check_hold(hold: timedelta | None) -> None:
    if hold is not None and not timedelta(0) <= hold <= _LONGEST_HOLD:
        raise Invalid("A reply can be held for up to seven days.", "hold")
