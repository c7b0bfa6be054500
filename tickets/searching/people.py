"""Customers by the words of their name, address, company or number."""

import re

from django.db import connection
from django.db.models import BooleanField, F, Func, Q, QuerySet, Value

from tickets.people.models import Contact, Organization

LEAST_OF_A_NUMBER = 4
MOST_AT_ONCE = 200


class Fits(Func):
    """Whether words (left) answer a query (right), on PostgreSQL."""

    template = "(%(expressions)s)"
    arg_joiner = " @@ "
    output_field = BooleanField()


def customers(said: str) -> QuerySet[Contact]:
    """Whose name, address or company has words that begin with ``said``, or whose number has it."""
    known = _by_words(said)
    # As numbers: with a subquery beside it, PostgreSQL would not use the index of the words.
    if companies := list(_companies(said)[:MOST_AT_ONCE]):
        known |= Q(organization__in=companies)
    if by_number := list(numbered(said)[:MOST_AT_ONCE]):
        known |= Q(pk__in=by_number)
    return Contact.objects.order_by().filter(known)


def begins_a_word(word: str) -> Q:
    """What an index knows of names with a word that begins so: no more than that is looked through."""
    return _by_words(word) if connection.vendor == "postgresql" else Q()


def has_digits(digits: str) -> Q:
    """The same of numbers with these digits, three or more, somewhere in them."""
    if connection.vendor != "postgresql":
        return Q()
    parts = Func(F("phone"), function="search_number")
    asked = Func(Value(digits), template="(%(expressions)s || ':*')::tsquery")
    return Q(Fits(parts, asked))


def _by_words(said: str) -> Q:
    if connection.vendor != "postgresql":
        text = said.strip()
        return Q(name__icontains=text) | Q(email__icontains=text)
    words = Func(F("name"), F("email"), F("phone"), function="search_contact")
    return Q(Fits(words, Func(Value(said), function="search_prefix")))


def _companies(said: str) -> QuerySet[Organization, int]:
    companies = Organization.objects.order_by().filter(name__icontains=said.strip())
    return companies.values_list("pk", flat=True)


def numbered(said: str) -> QuerySet[Contact, int]:
    """However the number is spaced."""
    number = re.sub(r"[\s()./-]", "", said)
    if not re.fullmatch(r"\+?[0-9]+", number) or len(number) < LEAST_OF_A_NUMBER:
        return Contact.objects.none().values_list("pk", flat=True)
    return Contact.objects.order_by().filter(phone__contains=number).values_list("pk", flat=True)
