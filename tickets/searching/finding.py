"""Finds tickets by what somebody typed: only those they may see, best and newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from tickets.models import Ticket
from tickets.people.models import Contact, User
from tickets.querysets import TicketQuerySet
from tickets.searching import engine, parsing
from tickets.searching.lines import HEAD, Line, Lines, Place
from tickets.searching.operators import Reader, narrowed
from tickets.searching.parsing import Wanted
from tickets.searching.people import customers
from tickets.searching.ranking import CUSTOMER, SAID, SUBJECT, Hit, hits_of, ranked
from tickets.searching.words import Term, words_of

POOL = 300  # lines that are put in order at a time
MOST_CUSTOMERS = 100
_MOST_READINGS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """What a search has found among the newest lines, and from where it could look further back."""

    wanted: Wanted
    hits: Sequence[Hit] = ()
    problems: Sequence[str] = ()
    is_cut: bool = False
    looked_at: int | None = None
    older: str = ""


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to understand the words: these stand in a text, the rest names these customers."""

    terms: Sequence[Term]
    customers: Sequence[int] = ()


def find(
    *, text: str, user: User, now: datetime, before: Place | None = None,
    among: TicketQuerySet | None = None, most: int = POOL,
) -> Found:  # fmt: skip
    """Tickets that ``user`` sees, of ``among`` where given, that answer ``text``.

    All words must stand in one message or in the subject; words that name the customer may be left
    over. At most ``most`` lines are put in order; ``older`` is the place to go on from.
    """
    wanted = parsing.read(text)
    visible = Ticket.objects.visible_to(user) if among is None else among
    tickets, problems = narrowed(visible, wanted.clauses, Reader(user, now))
    if problems := [*wanted.problems, *problems]:
        return Found(wanted, problems=problems)
    if not wanted.parts:
        return Found(wanted)
    tickets = engine.without(wanted.left_out, tickets)
    if not wanted.sought:
        return _found(wanted, [_of_tickets(tickets, before, most)], now)
    readings = _readings(wanted.sought)
    return _found(wanted, [_read(each, tickets, before, now, most) for each in readings], now)


def _read(
    reading: _Reading, tickets: TicketQuerySet, before: Place | None, now: datetime, most: int
) -> tuple[Lines, float]:
    if reading.customers:
        tickets = tickets.filter(requester__in=reading.customers)
    if not reading.terms:
        return _of_tickets(tickets, before, most)
    lines = engine.newest(reading.terms, tickets, before=before, now=now, most=most)
    return lines, CUSTOMER if reading.customers else 0.0


def _of_tickets(tickets: TicketQuerySet, before: Place | None, most: int) -> tuple[Lines, float]:
    """The tickets themselves, those opened last first."""
    if before:
        older = Q(opened_at__lt=before.at) | Q(opened_at=before.at, pk__lt=before.ticket)
        tickets = tickets.filter(opened_at__lte=before.at).filter(older)
    rows = tickets.order_by("-opened_at", "-pk").values_list("pk", "opened_at")[: most + 1]
    lines = [Line(pk, HEAD, at, 0) for pk, at in rows]
    return Lines(lines[:most], is_cut=len(lines) > most), CUSTOMER


def _found(wanted: Wanted, sources: Sequence[tuple[Lines, float]], now: datetime) -> Found:
    """What all sources hold down to where the first of them was cut off."""
    ends = [place for lines, _ in sources if (place := _end(lines))]
    end = max(ends, default=None)
    kept = [
        (line.ticket, line.message, line.at, _strength(line, extra))
        for lines, extra in sources
        for line in lines.rows
        if end is None or line.place >= end
    ]
    looked = [lines.looked_at for lines, _ in sources if lines.looked_at is not None]
    return Found(
        wanted,
        ranked(hits_of(kept), now),
        is_cut=end is not None,
        looked_at=sum(looked) if looked else None,
        older=end.cursor if end else "",
    )


def _end(lines: Lines) -> Place | None:
    """Down to where these lines are all there is; None where they are all."""
    if not lines.is_cut:
        return None
    return Place(lines.looked_to, 0, 0) if lines.looked_to else lines.rows[-1].place


def _strength(line: Line, extra: float) -> float:
    own = SAID if line.message else SUBJECT
    return (extra or own) + min(line.rank, 1.0)


def _readings(terms: Sequence[Term]) -> Iterator[_Reading]:
    """As words of one text; and with those of them that name customers taken as their names."""
    yield _Reading(terms)
    named: dict[frozenset[int], list[int]] = {}
    for contact in _named_by(terms):
        known = {each.folded for each in words_of(_said_of(contact))}
        which = frozenset(n for n, term in enumerate(terms) if _names(term, known))
        if which:
            named.setdefault(which, []).append(contact.pk)
    for which in sorted(named, key=len, reverse=True)[:_MOST_READINGS]:
        rest = [term for number, term in enumerate(terms) if number not in which]
        yield _Reading(rest, named[which])


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
