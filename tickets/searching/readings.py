"""The ways to understand several words: all in one text, spread over a ticket, or naming a customer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from tickets.people.models import Contact
from tickets.searching.people import customers, numbered
from tickets.searching.ranking import CUSTOMER
from tickets.searching.words import Term, words_of

MOST_CUSTOMERS = 100
_MOST_NAMED, _MOST_SPREAD = 3, 3
# As it is typed and spaced: with its + or of seven digits, which no order and no year has.
_IS_NUMBER = re.compile(r"\+[\s()./-]*(?:[0-9][\s()./-]*){4,}|(?:[(]?[0-9][\s()./-]*){7,}")
_APART = 1.5  # worth more than one message, less than what all names


@dataclass(frozen=True, slots=True)
class Reading:
    """These ``terms`` stand in one text; ``headed`` in the subject; the ticket is of ``customers``."""

    terms: Sequence[Term]
    headed: Sequence[Term] = ()
    customers: Sequence[int] = ()

    @property
    def strength(self) -> float:
        """What a line found so is worth; 0 where that is its own."""
        return CUSTOMER if self.customers else _APART if self.headed else 0.0


def spread(terms: Sequence[Term]) -> Iterator[Reading]:
    """Some in the subject, the rest in a message; of many words nobody can try every way."""
    if len(terms) > _MOST_SPREAD:
        return
    for size in range(1, len(terms)):
        for headed in combinations(terms, size):
            yield Reading([term for term in terms if term not in headed], headed=headed)


def naming(terms: Sequence[Term]) -> Iterator[Reading]:
    """With those words that name customers taken as their names, and only the rest looked for."""
    named: dict[frozenset[int], list[int]] = {}
    for contact in _named_by(terms):
        known = {each.folded for each in words_of(_said_of(contact))}
        which = frozenset(n for n, term in enumerate(terms) if _names(term, known))
        if which:
            named.setdefault(which, []).append(contact.pk)
    for which in sorted(named, key=len, reverse=True)[:_MOST_NAMED]:
        rest = [term for number, term in enumerate(terms) if number not in which]
        yield Reading(rest, customers=named[which])
    if people := _of_number(" ".join(term.text for term in terms)):
        yield Reading([], customers=people)


def _of_number(said: str) -> list[int]:
    """Customers with this telephone number or a part of it, where all that was typed is one."""
    if not _IS_NUMBER.fullmatch(said):
        return []
    found = list(numbered(said)[: MOST_CUSTOMERS + 1])
    return found if len(found) <= MOST_CUSTOMERS else []


def _named_by(terms: Iterable[Term]) -> list[Contact]:
    """Customers whom one of the words names; a word that names very many is no name."""
    found: list[Contact] = []
    for term in terms:
        rows = list(customers(term.text).select_related("organization")[: MOST_CUSTOMERS + 1])
        found += rows if len(rows) <= MOST_CUSTOMERS else []
    return list({each.pk: each for each in found}.values())


def _said_of(contact: Contact) -> str:
    company = contact.organization.name if contact.organization else ""
    return " ".join((contact.name, contact.email or "", contact.phone, company))


def _names(term: Term, known: set[str]) -> bool:
    words = [each.folded for each in words_of(term.text)]
    if term.is_beginning and words:
        *words, begins = words
        return known.issuperset(words) and any(each.startswith(begins) for each in known)
    return bool(words) and known.issuperset(words)
