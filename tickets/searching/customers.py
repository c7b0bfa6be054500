"""Customers and companies by whatever one knows of them: name, number, address, order, reference."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import reduce

from django.db import connection
from django.db.models import F, Func, Q, QuerySet, Value
from django.db.models.functions import Lower, Replace

from tickets.models import Ticket
from tickets.people.models import Contact, Order, Organization, User
from tickets.references import normalise
from tickets.searching.people import Fits, begins_a_word, has_digits

LONGEST, SHORTEST = 100, 2
MOST_WORDS, MOST_COMPANIES = 5, 200
# Numbers are written with and without the country's code: the last digits tell.
TELLING = 7
LEAST_DIGITS = 3
_NUMBER = re.compile(r"[+(0-9][0-9\s()./-]{2,}")
_BETWEEN = " ()-./"
Place = tuple[str, int]


def clean(text: str) -> str:
    """What was typed, as it is looked for."""
    return " ".join(text.replace("\x00", "").split())[:LONGEST]


def meant(text: str, user: User, most: int) -> list[int]:
    """The numbers of the first few, by name, whom ``text`` (clean) may mean."""
    return [pk for _, pk in _first(list(_ways(text, user)), most)]


def found(text: str, user: User, most: int, after: Place | None = None) -> list[Place]:
    """Names and numbers of the first few behind a place; the people of a company called so, too."""
    ways = list(_ways(text, user))
    # As numbers, as with orders below.
    if companies := list(companies_called(text).values_list("pk", flat=True)[:MOST_COMPANIES]):
        ways.append(Q(organization__in=companies))
    if after:
        name, pk = after
        behind = Q(name__gt=name) | Q(name=name, pk__gt=pk)
        ways = [way & Q(name__gte=name) & behind for way in ways]
    return _first(ways, most)


def companies_called(text: str) -> QuerySet[Organization]:
    """Those with a name in which words begin so."""
    rows = Organization.objects.order_by("name", "pk")
    if connection.vendor != "postgresql":
        return rows.filter(reduce(Q.__and__, (_begins(word) for word in text.split()), Q()))
    words = Func(F("name"), template="search_contact(%(expressions)s, '', '')")  # as its index
    return rows.filter(Q(Fits(words, Func(Value(text), function="search_prefix"))))


def _first(ways: list[Q], most: int) -> list[Place]:
    """Each way by itself: one «or» of all of them would have PostgreSQL look once more at the words
    of every row that an index has found. Their numbers first: thousands may be called so, and those
    are sorted without all they have."""
    rows = Contact.objects.order_by().alias(plain=_digits_of("phone"))
    first, *others = (rows.filter(way).values_list("name", "pk") for way in ways)
    return list(first.union(*others).order_by("name", "pk")[:most])


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
    return begins_a_word(word) & _begins(word)


def _begins(word: str) -> Q:
    return Q(name__istartswith=word) | Q(name__icontains=f" {word}")


def _by_order(number: str) -> QuerySet[Order, int]:
    orders = Order.objects.order_by().alias(plain=Lower("number"))  # as its index has it
    matching = orders.filter(plain=number.lstrip("#").lower())
    return matching.values_list("contact", flat=True)


def _digits_of(name: str) -> Replace:
    """The number without what people put between its digits."""
    bare: F | Replace = F(name)
    for mark in _BETWEEN:
        bare = Replace(bare, Value(mark), Value(""))
    assert isinstance(bare, Replace)  # noqa: S101  there are marks
    return bare
