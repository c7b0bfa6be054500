"""What the outbox announces about a ticket's mail, as facts of the ticket."""

from datetime import datetime
from typing import Any

from tickets import events
from tickets.models import Message, TicketEvent
from tickets.outbox.models import OutgoingMail
from tickets.services import addressees, following, triage
from tickets.services.conversation import undelivered
from tickets.services.listing import show_waiting
from tickets.services.locking import lock_owner, touch

Kind = TicketEvent.Kind
# Alerts and notices carry no message of a ticket; there may be thousands of them at once.
CARRIES_A_MESSAGE = {OutgoingMail.Purpose.REPLY, OutgoingMail.Purpose.ACKNOWLEDGEMENT}


def lock_ticket(mail: OutgoingMail, **_: Any) -> None:
    """The ticket row comes first in every transaction, also in the outbox's."""
    if mail.purpose not in CARRIES_A_MESSAGE:
        return
    message = Message.objects.filter(mail=mail).only("pk").first()
    if message:
        lock_owner(message)


def mail_left(mail: OutgoingMail, at: datetime, now: datetime, **_: Any) -> None:
    """What we write counts from the instant it left (sla.md rule 5), and what it was to do comes true."""
    message = _owner(mail)
    if message is None:
        return
    if message.kind == Message.Kind.AUTOMATIC:
        events.record(message.ticket, Kind.ACKNOWLEDGED_CUSTOMER, at=at, now=now, message=message)
    elif message.kind in Message.HELD:
        show_waiting(message.ticket)
        _said(message, at, now)


def _said(message: Message, at: datetime, now: datetime) -> None:
    """Counts for this ticket's clocks only where it was said to this ticket's customer."""
    ticket, addresses = message.ticket, addressees.goes_to(message)
    fact: dict[str, Any] = {"at": at, "now": now, "actor": message.author, "message": message}
    if not addressees.answers(ticket, addresses):
        touch(ticket, now)
        events.record(
            ticket, Kind.REPLY_TO_ANOTHER, **fact, said=message.kind, reached=sorted(addresses)
        )
    elif message.kind == Message.Kind.PROGRESS:
        touch(ticket, now)
        events.record(ticket, Kind.PROGRESS, **fact)
    else:
        waits = addressees.unreached(ticket, addresses, at)
        _last_word(message, at, now)
        events.record(ticket, Kind.REPLY_RELEASED, **fact)
        addressees.keep_waiting(ticket, waits, at=at, now=now)
        if not waits:
            _follow_up_status(message, at, now)


def mail_died(mail: OutgoingMail, now: datetime, **_: Any) -> None:
    message = _owner(mail)
    if message:
        show_waiting(message.ticket)
        refused = mail.deliveries.exclude(last_error="").values_list("last_error", flat=True)
        undelivered(message=message, at=now, now=now, why=refused.first() or "")


def _owner(mail: OutgoingMail) -> Message | None:
    """The message with its ticket, which the outbox has had locked."""
    if mail.purpose not in CARRIES_A_MESSAGE:
        return None
    messages = Message.objects.select_related("ticket", "author").order_by()
    return messages.filter(mail=mail).first()


def _last_word(message: Message, at: datetime, now: datetime) -> None:
    ticket = message.ticket
    latest = max(at, ticket.last_message_at or at)
    touch(ticket, now, last_message_at=latest, last_message_by_customer=False)


def _follow_up_status(message: Message, at: datetime, now: datetime) -> None:
    """The status its writer chose, and when it comes back from there, unless anything that was said
    or decided since overtook it."""
    ticket, wanted, writer = message.ticket, message.status_after, message.author
    if not wanted or following.hindrance(message, ticket):
        return
    triage.set_status(ticket=ticket, status=wanted, actor=writer, now=now, at=at)
    if message.comes_back_at:
        triage.agree_on(ticket=ticket, until=message.comes_back_at, actor=writer, now=now)
