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
from tickets.services.conversation.again import said_already
from tickets.services.conversation.held import release_at
from tickets.services.listing import show_waiting
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
    comes_back_at: datetime | None = None,
    files: Sequence[File] = (),
    seen: int | None = None,
    shown: Collection[str] = (),
    base: str | None = "",
    aside: int | None = None,
) -> Message:
    """Writes a reply that waits in its hold and leaves by itself, in time for the earliest deadline.

    It satisfies clocks only when it has left (sla.md rule 6), and only then does the ticket become
    ``status_after``, until ``comes_back_at``: recalled, it has changed nothing. Without one a new
    ticket is open from now on, and what is pending or on hold stays so. ``hold`` defaults to the
    settings'; ``seen`` is the newest message that the writer has seen, ``shown`` the marks of the
    words added to their draft that they have: others stay drafted. ``base`` and ``aside`` are what
    their page says of the draft, as for ``drafting.keep``; what is written without a page leaves
    alone what its author is drafting. Raises Unread, Stale, Over on a closed ticket, and Invalid:
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
        after = _checked_after(ticket, status_after or "", comes_back_at, now)
        _must_be_mailable(ticket)
        mail = _held(ticket, author, body, now, copies, hold, after)
        message = Message.objects.create(
            ticket=ticket, kind=Message.Kind.REPLY, author=author, body=body, at=now, mail=mail,
            hold=hold, status_after=after, comes_back_at=comes_back_at,
        )  # fmt: skip
        events.saying.send(sender=Message, ticket=ticket, message=message)
        _enclose(kept, message, mail, files)
        drafting.forget(
            ticket=ticket, author=author, kind=message.kind, said=body, shown=shown,
            base=base, aside=aside,
        )  # fmt: skip
        show_waiting(ticket)
        write(ticket, now)
        events.record(
            ticket, Kind.REPLY_WRITTEN, at=now, now=now, actor=author, message=message,
            release_at=mail.release_at.isoformat(),
        )  # fmt: skip
        if ticket.status == Status.NEW:
            triage.set_status(ticket=ticket, status=Status.OPEN, actor=author, now=now)
    return message


def progress(
    *,
    ticket: Ticket,
    author: User,
    text: str,
    now: datetime,
    seen: int | None = None,
    since: datetime | None = None,
    hold: timedelta | None = None,
    base: str | None = "",
    aside: int | None = None,
) -> Message:
    """A line that tells the customer what is being done; held and mailed like a reply.

    It starts the update clock anew when it has left (sla.md rules 5 and 6), and answers nothing.
    ``hold`` defaults to the settings'. ``since`` is when the writer's page was loaded: a line that it
    has sent already is not sent again, and is what comes back.
    Raises Unread as ``reply`` does, Over on what is solved or closed, and Invalid, also where the
    customer has no address, and Broken where a listener of ``saying`` objects.
    """
    text = words.body(text, most=words.MAX_LINE)
    _check_hold(hold)
    with locked(ticket):
        if sent := said_already(ticket, author, Message.Kind.PROGRESS, text, since):
            return sent
        if not ticket.is_active:
            raise over(ticket, _NO_PROGRESS if ticket.status == Status.CLOSED else _NOT_YET)
        must_have_read(ticket, seen, author)
        _must_be_mailable(ticket)
        mail = _held(ticket, author, text, now, hold=hold)
        message = Message.objects.create(
            ticket=ticket, kind=Message.Kind.PROGRESS, author=author, body=text, at=now, mail=mail,
            hold=hold,
        )  # fmt: skip
        events.saying.send(sender=Message, ticket=ticket, message=message)
        drafting.forget(
            ticket=ticket, author=author, kind=message.kind, said=text, base=base, aside=aside
        )
        show_waiting(ticket)
        touch(ticket, now)
    return message


def _checked_after(
    ticket: Ticket, status: str, comes_back_at: datetime | None, now: datetime
) -> str:
    """What the ticket is to become; with a date, else what it is already. Raises Invalid."""
    if status and status != ticket.status:
        triage.check_step(ticket.status, status, field="status_after")
    if comes_back_at:
        status = status or ticket.status
        triage.check_return(status, comes_back_at, now)
    return status


def _held(
    ticket: Ticket,
    author: User,
    body: str,
    now: datetime,
    copies: Sequence[str] = (),
    hold: timedelta | None = None,
    status_after: str = "",
) -> OutgoingMail:
    """The mail that carries the words, waiting for its time."""
    said = mailing.reply_words(ticket.reference, body, author)
    leaves = release_at(ticket, written_at=now, hold=hold, status_after=status_after)
    return mailing.send_to_customer(
        ticket=ticket, text=said.text, html=said.html, author=author, now=now,
        purpose=OutgoingMail.Purpose.REPLY, cc=copies_for(ticket, [*copies]), release_at=leaves,
    )  # fmt: skip


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
