"""Finds tickets by what somebody typed: only those they may see, best and newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from tickets.models import Ticket
from tickets.people.models import User
from tickets.querysets import TicketQuerySet
from tickets.searching import engine, parsing
from tickets.searching.lines import HEAD, Line, Lines, Place
from tickets.searching.operators import Reader, narrowed
from tickets.searching.parsing import Wanted
from tickets.searching.ranking import CUSTOMER, SAID, SUBJECT, Hit, hits_of, ranked
from tickets.searching.readings import Reading, naming, spread

TOO_LONG = "This takes too long. Add a word or an operator that narrows it, such as opened:30d."
POOL = 300  # lines that are put in order at a time


@dataclass(frozen=True, slots=True)
class Found:
    """What a search has found among the newest lines, and from where it could look further back."""

    wanted: Wanted
    hits: Sequence[Hit] = ()
    problems: Sequence[str] = ()
    is_cut: bool = False
    looked_at: int | None = None
    older: str = ""


def find(
    *, text: str, user: User, now: datetime, before: Place | None = None,
    among: TicketQuerySet | None = None, most: int = POOL,
) -> Found:  # fmt: skip
    """Tickets that ``user`` sees, of ``among`` where given, that answer ``text``.

    The words stand in one message or in the subject, or apart: some in the subject or the customer's
    name, the rest in a message. At most ``most`` lines are put in order; ``older`` is the place to go on from.
    """
    wanted = parsing.read(text)
    visible = Ticket.objects.visible_to(user) if among is None else among
    tickets, problems = narrowed(visible, wanted.clauses, Reader(user, now))
    if problems := [*wanted.problems, *problems]:
        return Found(wanted, problems=problems)
    if not wanted.parts:
        return Found(wanted)
    try:
        with engine.in_time():
            return _found(wanted, _sources(wanted, tickets, before, now, most), now)
    except engine.TooLong:
        return Found(wanted, problems=[TOO_LONG])


def _sources(
    wanted: Wanted, tickets: TicketQuerySet, before: Place | None, now: datetime, most: int
) -> list[tuple[Lines, float]]:
    tickets = engine.without(wanted.left_out, tickets)
    if not wanted.sought:
        return [_of_tickets(tickets, before, most)]
    looking = _Looking(tickets, before, now, most)
    sources = [looking.read(Reading(wanted.sought))]
    # Where the words stand together often enough, nobody wants them from all over a ticket.
    if not sources[0][0].is_cut:
        sources += [looking.read(each) for each in spread(wanted.sought)]
    return sources + [looking.read(each) for each in naming(wanted.sought)]


@dataclass(frozen=True, slots=True)
class _Looking:
    tickets: TicketQuerySet
    before: Place | None
    now: datetime
    most: int

    def read(self, reading: Reading) -> tuple[Lines, float]:
        """The lines found so, and what they are worth where that is not their own."""
        tickets = self.tickets
        if reading.customers:
            tickets = tickets.filter(requester__in=reading.customers)
        if reading.headed:
            tickets = engine.headed(reading.headed, tickets)
        if not reading.terms:
            return _of_tickets(tickets, self.before, self.most)
        lines = engine.newest(
            reading.terms, tickets, before=self.before, now=self.now, most=self.most
        )
        return lines, reading.strength


def _of_tickets(tickets: TicketQuerySet, before: Place | None, most: int) -> tuple[Lines, float]:
    """The tickets themselves, what changed last first: there is an index of that order."""
    if before:
        older = Q(updated_at__lt=before.at) | Q(updated_at=before.at, pk__lt=before.ticket)
        tickets = tickets.filter(updated_at__lte=before.at).filter(older)
    rows = tickets.order_by("-updated_at", "-pk").values_list("pk", "updated_at")[: most + 1]
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
