"""The search as a filter of a list, which keeps its own order: the same words find the same tickets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tickets.people.models import User
from tickets.querysets import TicketQuerySet
from tickets.references import normalise
from tickets.searching import engine, parsing
from tickets.searching.finding import find
from tickets.searching.operators import Reader, narrowed

MOST = 900  # lines that are looked at
NOTHING = "There is no letter or digit in this."


@dataclass(frozen=True, slots=True)
class Fitting:
    """What fits; nothing where there are ``problems``. Cut off where the words stand in too many
    places: then it is what said them last."""

    tickets: TicketQuerySet
    problems: Sequence[str] = ()
    is_cut: bool = False


def fitting(*, text: str, tickets: TicketQuerySet, user: User, now: datetime) -> Fitting:
    """Those of ``tickets``, which ``user`` sees, that answer ``text``.

    Operators and words left out are asked of each ticket; words are looked for first. A reference,
    however it is spelt, means its ticket.
    """
    reference = normalise(text)
    if reference and (named := tickets.filter(reference=reference)).exists():
        return Fitting(named)
    wanted = parsing.read(text)
    if not wanted.parts and not wanted.problems:
        return Fitting(tickets.none(), [NOTHING])
    if wanted.sought:
        found = find(text=text, user=user, now=now, among=tickets, most=MOST)
        numbers = [hit.ticket for hit in found.hits]
        return Fitting(tickets.filter(pk__in=numbers), found.problems, found.is_cut)
    asked, problems = narrowed(tickets, wanted.clauses, Reader(user, now))
    return Fitting(engine.without(wanted.left_out, asked), [*wanted.problems, *problems])
