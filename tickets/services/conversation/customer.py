"""What the customer says, and what it does to the ticket: reopen it, or open a follow-up."""

from datetime import datetime

from django.db import transaction

from tickets import events
from tickets.lifecycle import REOPENED, Status
from tickets.models import Message, Ticket, TicketEvent, TicketLink
from tickets.people.models import Contact
from tickets.services import orders, triage, words
from tickets.services.locking import instant, lock_survivor, write
from tickets.services.mailing import plain_id
from tickets.services.opening import open_ticket

Kind = TicketEvent.Kind


def customer_message(
    *,
    ticket: Ticket,
    contact: Contact,
    body: str,
    received_at: datetime,
    now: datetime,
    message_id: str = "",
    acknowledge: bool = True,
    subject: str = "",
    is_proven: bool = True,
) -> Message:
    """The customer wrote by mail; counts from ``received_at`` (sla.md rule 5).

    A pending or solved ticket opens again; a merged one passes it on to where it went. On a closed
    ticket it opens a follow-up, linked and acknowledged unless ``acknowledge`` is off, and the
    message returned is that ticket's. It is about what its writer asked there, or else what their
    mail's ``subject`` says, never about what somebody else has asked. Orders that the text names
    are linked. ``is_proven`` is off where anybody could have written it. Raises Invalid.
    """
    body = words.body(body, most=words.MAX_CUSTOMER_BODY)
    at = instant(received_at, now)
    with transaction.atomic():
        asked, ticket = ticket, lock_survivor(ticket)
        if ticket.status == Status.CLOSED:
            about = asked.subject if contact == asked.requester else words.tidy_subject(subject)
            message = _follow_up(ticket, about, contact, body, at, now, message_id, acknowledge)
            return _marked(message, is_proven)
        message = Message.objects.create(
            ticket=ticket, kind=Message.Kind.CUSTOMER, contact=contact, body=body, at=at,
            message_id=plain_id(message_id), is_proven=is_proven,
        )  # fmt: skip
        _newest(ticket, at, now)
        events.record(ticket, Kind.CUSTOMER_MESSAGE, at=at, now=now, message=message)
        if ticket.status in REOPENED:
            triage.set_status(ticket=ticket, status=Status.OPEN, actor=None, now=now, at=at)
        fresh = orders.attach(ticket, orders.named_in(body, ticket.requester))
        orders.announce(ticket, fresh, actor=None, now=now)
    return message


def _newest(ticket: Ticket, at: datetime, now: datetime) -> None:
    """A mail fetched late does not become the last word when an answer came after it."""
    if ticket.last_message_at is None or at >= ticket.last_message_at:
        write(ticket, now, last_message_at=at, last_message_by_customer=True)
    else:
        write(ticket, now)


def _follow_up(
    closed: Ticket,
    subject: str,
    contact: Contact,
    body: str,
    at: datetime,
    now: datetime,
    message_id: str,
    acknowledge: bool,
) -> Message:
    ticket = open_ticket(
        subject=subject, body=body, requester=contact, channel=Ticket.Channel.EMAIL, now=now,
        received_at=at, category=closed.category, team=closed.team, message_id=message_id,
        acknowledge=acknowledge,
    )  # fmt: skip
    triage.link(ticket=ticket, other=closed, kind=TicketLink.Kind.FOLLOW_UP, actor=None, now=now)
    message: Message = ticket.messages.get(kind=Message.Kind.CUSTOMER)
    return message


def _marked(message: Message, is_proven: bool) -> Message:
    if not is_proven:
        message.is_proven = False
        message.save(update_fields=["is_proven"])
    return message
