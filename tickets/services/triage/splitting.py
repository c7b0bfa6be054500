"""Splitting: one ticket turns out to be two matters."""

from collections.abc import Sequence
from datetime import datetime

from tickets import events
from tickets.errors import Invalid
from tickets.lifecycle import Status
from tickets.models import Message, Ticket, TicketEvent, TicketLink
from tickets.outbox.models import OutgoingMail
from tickets.people.models import Contact, User
from tickets.services import opening, orders, words
from tickets.services.locking import locked, must_not_be_closed, reload, write
from tickets.services.triage.belonging import link

Kind = TicketEvent.Kind
UNSAID = (OutgoingMail.State.HELD, OutgoingMail.State.RECALLED)


def split(
    *,
    ticket: Ticket,
    messages: Sequence[Message],
    subject: str,
    actor: User | None,
    now: datetime,
    expected_version: int | None = None,
) -> Ticket:
    """Moves ``messages`` to a new ticket of who wrote them, with clocks of its own from now on.

    Whoever has nothing left here does not take part in this ticket any more. Raises Conflict, and
    Invalid when nothing of a customer's is among them or what two customers wrote, nothing would
    be left, one is of another ticket, or one is a reply that still waits.
    """
    subject = words.subject(subject)
    with locked(ticket, expected_version):
        must_not_be_closed(ticket)
        moving = _checked(ticket, messages)
        other = _opened(ticket, _customer(ticket, moving), subject, moving, now)
        Message.objects.filter(pk__in=[each.pk for each in moving]).update(ticket=other)
        if not ticket.messages.filter(contact=other.requester).exists():
            ticket.participants.remove(other.requester)
        words_of_it = "\n".join([subject, *(each.body for each in moving)])
        orders.attach(other, orders.named_in(words_of_it, other.requester))
        _retell(ticket, now)
        link(ticket=other, other=ticket, kind=TicketLink.Kind.SPLIT, actor=actor, now=now)
        events.record(ticket, Kind.SPLIT_OFF, at=now, now=now, actor=actor, other=other.reference)
        events.record(other, Kind.SPLIT_FROM, at=now, now=now, actor=actor, source=ticket.reference)
        events.record(
            other, Kind.OPENED, at=now, now=now, actor=actor, channel=other.channel,
            message=next(each for each in moving if each.kind == Message.Kind.CUSTOMER),
        )  # fmt: skip
        reload(other)
    return other


def _checked(ticket: Ticket, messages: Sequence[Message]) -> list[Message]:
    """The chosen messages as they are now, in their order."""
    wanted = {message.pk for message in messages}
    said = list(ticket.messages.select_related("mail", "contact"))
    moving = [message for message in said if message.pk in wanted]
    if len(moving) != len(wanted):
        raise Invalid("A chosen message belongs to another ticket.", "messages")
    if not any(message.kind == Message.Kind.CUSTOMER for message in moving):
        raise Invalid("Choose at least one message of the customer.", "messages")
    if any(each.mail and each.mail.state == OutgoingMail.State.HELD for each in moving):
        raise Invalid("A reply that still waits cannot be moved; recall it first.", "messages")
    left = [message for message in said if message.pk not in wanted]
    if not any(message.kind == Message.Kind.CUSTOMER for message in left):
        raise Invalid("Leave at least one message of the customer here.", "messages")
    return moving


def _customer(ticket: Ticket, moving: list[Message]) -> Contact:
    """Whose the new ticket is: two customers are answered apart."""
    writers = {each.contact: None for each in moving if each.kind == Message.Kind.CUSTOMER}
    if len(writers) > 1:
        names = " and ".join(each.display_name for each in writers if each)
        raise Invalid(
            f"These are messages of {names}: split off what one of them wrote, then the rest.",
            "messages",
        )
    return next(iter(writers)) or ticket.requester


def _opened(
    ticket: Ticket, customer: Contact, subject: str, moving: list[Message], now: datetime
) -> Ticket:
    other = Ticket(
        subject=subject, status=Status.NEW, priority=ticket.priority, category=ticket.category,
        channel=ticket.channel, requester=customer,
        organization_id=customer.organization_id, team=ticket.team, assignee=ticket.assignee,
        opened_at=now, updated_at=now,
    )  # fmt: skip
    _last_word(other, moving)
    opening.insert(other)
    return other


def _retell(ticket: Ticket, now: datetime) -> None:
    """What is left decides who had the last word."""
    _last_word(ticket, list(ticket.messages.select_related("mail")))
    write(
        ticket, now, last_message_at=ticket.last_message_at,
        last_message_by_customer=ticket.last_message_by_customer,
    )  # fmt: skip


def _last_word(ticket: Ticket, messages: list[Message]) -> None:
    spoken = [message for message in messages if _was_said(message)]
    last = max(spoken, key=lambda each: (each.at, each.pk), default=None)
    if last:
        ticket.last_message_at = last.at
        ticket.last_message_by_customer = last.kind == Message.Kind.CUSTOMER


def _was_said(message: Message) -> bool:
    """A reply that still waits, or was taken back, has told nobody anything."""
    if message.kind == Message.Kind.REPLY:
        return message.mail is None or message.mail.state not in UNSAID
    return message.kind == Message.Kind.CUSTOMER
