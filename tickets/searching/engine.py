"""The engine of the database at hand."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime

from django.db import connection

from tickets.querysets import TicketQuerySet
from tickets.searching import postgres, sqlite
from tickets.searching.lines import Lines, Place
from tickets.searching.postgres import TooLong
from tickets.searching.words import Term

__all__ = ["TooLong", "headed", "in_time", "newest", "note", "without"]


def in_time() -> AbstractContextManager[None]:
    """What is asked within takes no database for long. Raises TooLong."""
    return postgres.in_time() if connection.vendor == "postgresql" else nullcontext()


def newest(
    terms: Sequence[Term],
    tickets: TicketQuerySet,
    *,
    before: Place | None,
    now: datetime,
    most: int,
) -> Lines:
    """The newest lines of ``tickets`` in which all ``terms`` stand."""
    if connection.vendor == "postgresql":
        return postgres.newest(terms, tickets, before=before, now=now, most=most)
    return sqlite.newest(terms, tickets, before=before, now=now, most=most)


def headed(terms: Sequence[Term], tickets: TicketQuerySet) -> TicketQuerySet:
    """Those of ``tickets`` in whose subject or reference all ``terms`` stand."""
    if connection.vendor == "postgresql":
        return postgres.headed(terms, tickets)
    return sqlite.headed(terms, tickets)


def without(terms: Sequence[Term], tickets: TicketQuerySet) -> TicketQuerySet:
    """Those of ``tickets`` that say none of ``terms``, neither in subject nor in any message."""
    if connection.vendor == "postgresql":
        return postgres.without(terms, tickets)
    return sqlite.without(terms, tickets)


def note() -> str:
    """What a reader should know of how words are looked for here; empty where all is as usual."""
    return "" if connection.vendor == "postgresql" else sqlite.note()
