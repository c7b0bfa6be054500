"""Opening a ticket: reference, first message, orders, event, acknowledgement, in one transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from tickets import events
from tickets.errors import Invalid
from tickets.lifecycle import Status
from tickets.models import Category, Message, Ticket, TicketEvent
from tickets.outbox.services import is_mailable
from tickets.people.models import Contact, Order, Team, User
from tickets.people.services import default_team
from tickets.references import new_reference
from tickets.services import orders as order_links
from tickets.services import words
from tickets.services.acknowledging import acknowledge as acknowledge_by_mail
from tickets.services.locking import instant, reload
from tickets.services.mailing import plain_id
from tickets.services.tagging import tags_named

_DRAWS = 5


def open_ticket(
    *,
    subject: str,
    body: str,
    requester: Contact,
    channel: str,
    now: datetime,
    received_at: datetime | None = None,
    actor: User | None = None,
    category: Category | None = None,
    priority: str = Ticket.Priority.NORMAL,
    team: Team | None = None,
    assignee: User | None = None,
    tags: Iterable[str] = (),
    orders: Sequence[Order] = (),
    message_id: str = "",
    acknowledge: bool = True,
) -> Ticket:
    """Opens a ticket with its first message, event and acknowledgement in one transaction.

    Orders of the customer that the text names are linked before OPENED is recorded, so that rules
    see them. ``received_at`` is when our system received it (sla.md rule 5); it defaults to now.
    Raises Invalid at the field that cannot be used.
    """
    at = instant(received_at, now)
    body = words.body(body, most=words.MAX_CUSTOMER_BODY)
    ticket = Ticket(
        subject=words.subject(subject),
        status=Status.NEW,
        priority=words.priority(priority),
        channel=words.channel(channel),
        requester=requester,
        organization_id=requester.organization_id,
        assignee=assignee,
        opened_at=at,
        updated_at=now,
        last_message_at=at,
    )
    _check(assignee, orders, requester)
    with transaction.atomic():
        ticket.category = category or default_category()
        ticket.team = team or ticket.category.team or default_team()
        insert(ticket)
        message = Message.objects.create(
            ticket=ticket, kind=Message.Kind.CUSTOMER, contact=requester, body=body, at=at,
            message_id=plain_id(message_id),
        )  # fmt: skip
        if wanted := tags_named(tags):
            ticket.tags.add(*wanted)
        named = order_links.named_in(f"{ticket.subject}\n{body}", requester)
        linked = order_links.attach(ticket, [*orders, *named])
        events.record(
            ticket, TicketEvent.Kind.OPENED, at=at, now=now, actor=actor, message=message,
            channel=ticket.channel, orders=[order.number for order in linked],
        )  # fmt: skip
        # Listeners have just stored deadlines, and rules may have changed anything.
        reload(ticket)
        if acknowledge and is_mailable(requester.email):
            acknowledge_by_mail(ticket, message, now=now)
    return ticket


def default_category() -> Category:
    """What a ticket is about when nobody said; a fresh installation makes it on first use."""
    return (
        Category.objects.filter(is_default=True).first()
        or Category.objects.order_by("pk").first()
        or Category.objects.get_or_create(name="Product question", defaults={"is_default": True})[0]
    )


def insert(ticket: Ticket) -> None:
    """Inserts under a fresh reference; where another ticket drew the same one, draws again."""
    for _ in range(_DRAWS):
        ticket.reference = new_reference()
        try:
            with transaction.atomic():
                ticket.save(force_insert=True)
            return
        except IntegrityError:
            if not Ticket.objects.filter(reference=ticket.reference).exists():
                raise
            ticket.pk = None
    raise RuntimeError(f"No free ticket reference in {_DRAWS} draws.")


def _check(assignee: User | None, orders: Iterable[Order], requester: Contact) -> None:
    if assignee is not None and not assignee.is_active:
        raise Invalid(f"{assignee.name} does not work here any more.", "assignee")
    for order in orders:
        order_links.check_belongs(order, requester)
