"""Who may be calling: contacts by name, number, e-mail address, order or reference, as one types."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Lower, Replace

from tickets.models import Ticket
from tickets.people.models import Contact, Order, User
from tickets.references import normalise
from tickets.searching.people import begins_a_word, has_digits

LONGEST, SHORTEST = 100, 2
MOST, MOST_TICKETS, MOST_WORDS = 8, 60, 5
# Numbers are written with and without the country's code: the last digits tell.
TELLING = 7
LEAST_DIGITS = 3
_NUMBER = re.compile(r"[+(0-9][0-9\s()./-]{2,}")
_BETWEEN = " ()-./"


@dataclass(frozen=True, slots=True)
class Known:
    """A contact with their open tickets, as far as the reader sees them."""

    contact: Contact
    tickets: list[Ticket] = field(default_factory=list)


def callers(text: str, user: User) -> list[Known]:
    """Whom ``text`` may mean, by name; nobody where it is too short to tell. Five queries at most."""
    text = " ".join(text.replace("\x00", "").split())[:LONGEST]
    if len(text) < SHORTEST:
        return []
    # Their numbers first: thousands may be called so, and those are sorted without all they have.
    first = [pk for _, pk in _meant(text, user)]
    whole = Contact.objects.select_related("organization__tier", "tier").filter(pk__in=first)
    found = {each.pk: Known(each) for each in whole.order_by("name", "pk")}
    for ticket in _open_tickets(list(found), user):
        found[ticket.requester_id].tickets.append(ticket)
    return list(found.values())


def known(contact: Contact, user: User) -> Known:
    """One contact with their open tickets."""
    return Known(contact, list(_open_tickets([contact.pk], user)))


def _meant(text: str, user: User) -> Iterable[tuple[str, int]]:
    """Names and numbers of the first few. Each way by itself: one «or» of all of them would have
    PostgreSQL look once more at the words of every row that an index has found.
    """
    rows = Contact.objects.order_by().alias(plain=_digits_of("phone"))
    first, *others = (rows.filter(way).values_list("name", "pk") for way in _ways(text, user))
    return first.union(*others).order_by("name", "pk")[:MOST]


def _ways(text: str, user: User) -> Iterator[Q]:
    yield reduce(Q.__and__, (_named(each) for each in text.split()[:MOST_WORDS]))
    if " " not in text:
        yield Q(email__startswith=text.lower())
        # As numbers: with a subquery among them, PostgreSQL would use no index for the others.
        yield Q(pk__in=list(_by_order(text)))
        if reference := normalise(text):
            tickets = Ticket.objects.reachable_by(user).filter(reference=reference)
            yield Q(pk__in=list(tickets.order_by().values_list("requester", flat=True)))
    digits = re.sub(r"[^0-9]", "", text) if _NUMBER.fullmatch(text) else ""
    if len(digits) >= TELLING:
        yield has_digits(digits[-TELLING:]) & Q(plain__endswith=digits[-TELLING:])
    elif len(digits) >= LEAST_DIGITS:
        yield has_digits(digits) & Q(plain__contains=digits)


def _named(word: str) -> Q:
    """Somebody with a name that begins so."""
    return begins_a_word(word) & (Q(name__istartswith=word) | Q(name__icontains=f" {word}"))


def _by_order(number: str) -> QuerySet[Order, int]:
    orders = Order.objects.order_by().alias(plain=Lower("number"))  # as its index has it
    found = orders.filter(plain=number.lstrip("#").lower())
    return found.values_list("contact", flat=True)


def _digits_of(name: str) -> Replace:
    """The number without what people put between its digits."""
    bare: F | Replace = F(name)
    for mark in _BETWEEN:
        bare = Replace(bare, Value(mark))
    assert isinstance(bare, Replace)  # noqa: S101  there are marks
    return bare


def _open_tickets(contacts: list[int], user: User) -> Iterator[Ticket]:
    if contacts:
        rows = Ticket.objects.reachable_by(user).active().filter(requester__in=contacts)
        yield from rows.order_by("-updated_at", "-pk")[:MOST_TICKETS]
