"""Orders that a customer's text names, and their links to tickets."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime

from django.db.models import Q
from django.db.models.functions import Left, Lower

from tickets import events
from tickets.errors import Invalid, Over
from tickets.models import Message, Ticket, TicketEvent
from tickets.people.models import Contact, Order, User
from tickets.services.locking import locked, must_not_be_closed, write

_WORD = re.compile(r"[^\s,;:!?()\[\]{}<>\"'«»“”‘’„|*=`]{2,60}")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
_MOST_TEXT, _MOST_NUMBERS = 50_000, 300
_MOST_SAID, _MOST_OF_EACH = 30, 4_000
_MOST_TICKETS, _MOST_MESSAGES = 200, 1_000


def named_in(text: str, customer: Contact) -> list[Order]:
    """The customer's own orders, or their organisation's, whose number stands in ``text``.

    Whole words only, whatever their case, dashes and digits (full-width, Arabic); orders of
    others are never found.
    """
    return _owned_by(customer, _numbers(text))


def named_but_not_linked(ticket: Ticket) -> list[Order]:
    """The orders that the conversation names, our own replies and notes included, and that nobody
    has linked: what the customer writes is linked by itself, unless it was somebody else's then."""
    said = ticket.messages.order_by("-at", "-pk").values_list(Left("body", _MOST_OF_EACH))
    texts = [ticket.subject, *(body for (body,) in said[:_MOST_SAID])]
    numbers = list(dict.fromkeys(number for text in texts for number in _numbers(text)))
    found = _owned_by(ticket.requester, numbers[:_MOST_NUMBERS])
    linked = set(ticket.orders.values_list("pk", flat=True)) if found else set()
    return [order for order in found if order.pk not in linked]


def _owned_by(customer: Contact, numbers: list[str]) -> list[Order]:
    """The orders of these numbers that are the customer's or their organisation's."""
    if not numbers:
        return []
    theirs = Q(contact=customer)
    if customer.organization_id:
        theirs |= Q(contact__organization=customer.organization_id)
    found = Order.objects.annotate(plain=Lower("number")).filter(theirs, plain__in=numbers)
    return list(found.order_by("pk"))


def attach(ticket: Ticket, orders: Iterable[Order]) -> list[Order]:
    """Links ``orders`` and returns those that were not linked before."""
    wanted = {order.pk: order for order in orders}
    if not wanted:
        return []
    links = Ticket.orders.through.objects
    known = links.filter(ticket=ticket, order__in=list(wanted)).values_list("order_id", flat=True)
    fresh = [order for pk, order in wanted.items() if pk not in set(known)]
    links.bulk_create([Ticket.orders.through(ticket=ticket, order=order) for order in fresh])
    return fresh


def announce(ticket: Ticket, orders: Iterable[Order], *, actor: User | None, now: datetime) -> None:
    for order in orders:
        events.record(
            ticket, TicketEvent.Kind.ORDER_LINKED, at=now, now=now, actor=actor,
            order=order.number, order_id=order.pk, amount=str(order.amount),
            currency=order.currency,
        )  # fmt: skip


def link_order(*, ticket: Ticket, order: Order, actor: User | None, now: datetime) -> Ticket:
    """Links an order of the ticket's customer or of their organisation.

    Raises Over on a closed ticket, and Invalid for an order of anybody else.
    """
    with locked(ticket):
        check_belongs(order, ticket.requester)
        if fresh := attach(ticket, [order]):
            must_not_be_closed(ticket)
            write(ticket, now)
            announce(ticket, fresh, actor=actor, now=now)
    return ticket


def link_where_named(*, order: Order, actor: User | None, now: datetime) -> int:
    """Links an order that came, or got its number, after the mails that name it; returns to how many.

    Looks at the latest active tickets of its customer and their organisation, and in each at what
    the customer wrote. In the order of their ids, as every lock of several tickets.
    """
    theirs = Q(requester=order.contact_id)
    if house := order.contact.organization_id:
        theirs |= Q(requester__organization=house)
    open_ = Ticket.objects.active().filter(theirs).exclude(orders=order).select_related("requester")
    found = {ticket.pk: ticket for ticket in open_.order_by("-pk")[:_MOST_TICKETS]}
    naming = {pk for pk, text in _said(found) if order.number.lower() in _numbers(text)}
    for pk in sorted(naming):
        with suppress(Invalid, Over):  # the customer is another, or it was closed, meanwhile
            link_order(ticket=found[pk], order=order, actor=actor, now=now)
    return len(naming)


def _said(tickets: dict[int, Ticket]) -> Iterator[tuple[int, str]]:
    """Subjects, and the customers' latest messages."""
    yield from ((pk, ticket.subject) for pk, ticket in tickets.items())
    written = Message.objects.filter(ticket__in=tickets, kind=Message.Kind.CUSTOMER)
    latest = written.order_by("-at", "-pk").values_list("ticket", Left("body", _MOST_TEXT))
    yield from latest[:_MOST_MESSAGES].iterator(chunk_size=100)


def order_of(*, customer: Contact, number: str) -> Order:
    """The order of this number, whatever its case, of the customer or their organisation.

    One of somebody else's is as unknown as any. Raises Invalid.
    """
    found = Order.objects.select_related("contact").filter(number__iexact=number.strip()).first()
    if found is None:
        raise Invalid("This customer has no order of this number.", "order")
    check_belongs(found, customer)
    return found


def check_belongs(order: Order, customer: Contact) -> None:
    """Raises Invalid unless the order is the customer's or their organisation's."""
    if order.contact_id == customer.pk:
        return
    house = order.contact.organization_id
    if house is None or house != customer.organization_id:
        raise Invalid(f"Order {order.number} is not of this customer.", "order")


def _numbers(text: str) -> list[str]:
    """Words with a digit in them, in lower case, without the punctuation around them."""
    plain = unicodedata.normalize("NFKC", text[:_MOST_TEXT])
    found: dict[str, None] = {}
    for word in _WORD.findall(_plain_digits(plain).translate(_DASHES).lower()):
        for part in {word, *word.split("/")}:
            part = part.strip("#.-_/\\~+")
            if 0 < len(part) <= 40 and any(letter.isdigit() for letter in part):
                found[part] = None
        if len(found) >= _MOST_NUMBERS:
            break
    return list(found)


def _plain_digits(text: str) -> str:
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in text)
