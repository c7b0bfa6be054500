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
) -> Message:
    """The customer wrote; counts from ``received_at`` (sla.md rule 5).

    A pending or solved ticket opens again; a merged one passes it on to where it went. On a closed
    ticket it opens a follow-up, linked and acknowledged unless ``acknowledge`` is off, and the
    message returned is that ticket's. Orders that the text names are linked. Raises Invalid.
    """
    body = words.body(body, most=words.MAX_CUSTOMER_BODY)
    at = instant(received_at, now)
    with transaction.atomic():
        ticket = lock_survivor(ticket)
        if ticket.status == Status.CLOSED:
            return _follow_up(ticket, contact, body, at, now, message_id, acknowledge)
        message = Message.objects.create(
            ticket=ticket, kind=Message.Kind.CUSTOMER, contact=contact, body=body, at=at,
            message_id=plain_id(message_id),
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
    contact: Contact,
    body: str,
    at: datetime,
    now: datetime,
    message_id: str,
    acknowledge: bool,
) -> Message:
    ticket = open_ticket(
        subject=closed.subject, body=body, requester=contact, channel=closed.channel, now=now,
        received_at=at, category=closed.category, team=closed.team, message_id=message_id,
        acknowledge=acknowledge,
    )  # fmt: skip
    triage.link(ticket=ticket, other=closed, kind=TicketLink.Kind.FOLLOW_UP, actor=None, now=now)
    message: Message = ticket.messages.get(kind=Message.Kind.CUSTOMER)
    return message
