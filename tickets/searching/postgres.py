"""Where words stand, by PostgreSQL's full text: all matches where that is cheap, else newest first."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import OperationalError, connection, transaction
from django.db.models import BooleanField, F, Func, Value
from django.db.models.expressions import RawSQL

from tickets.querysets import TicketQuerySet
from tickets.searching.lines import Line, Lines, Place
from tickets.searching.segments import Stretch, backwards, hour_of
from tickets.searching.words import Term

Given = list[Any]
# By the planner's own reckoning (a page read at random is 4): some 100 ms of work.
CHEAP = 40_000
MOST_LOOKED_AT = 6_000
MOST_SECONDS = 5
# A plan kept for every word would suit none: how many rows have it is what plans are made of.
_LIMIT = """
SELECT set_config('statement_timeout', %s, true),
    set_config('plan_cache_mode', 'force_custom_plan', true)
"""
_UNLIMIT = "SET LOCAL statement_timeout TO DEFAULT; SET LOCAL plan_cache_mode TO DEFAULT"
_CANCELLED = "57014"
# Row by row, as the keyset of the order.
_BEFORE = " AND (line.at, line.ticket_id, line.message_id) < (%s, %s, %s)"
_COST = """
EXPLAIN (FORMAT JSON) SELECT 1 FROM searching_line line
WHERE line.words @@ %s::tsquery AND line.ticket_id IN ({tickets}){before}
"""
_ALL = """
WITH fitting AS MATERIALIZED (
    SELECT line.ctid AS row, line.ticket_id, line.message_id, line.at FROM searching_line line
    WHERE line.words @@ %s::tsquery AND line.ticket_id IN ({tickets}){before}
    ORDER BY line.at DESC, line.ticket_id DESC, line.message_id DESC LIMIT %s
)
SELECT line.ticket_id, line.message_id, line.at, ts_rank_cd(line.words, %s::tsquery, 1)
FROM fitting JOIN searching_line line ON line.ctid = fitting.row
ORDER BY line.at DESC, line.ticket_id DESC, line.message_id DESC
"""
_HEADED = "SELECT ticket_id FROM searching_line WHERE message_id = 0 AND words @@ %s::tsquery"
# What has the words is fetched first and counted; then what one may see is kept of it.
_STRETCH = """
WITH found AS MATERIALIZED (
    SELECT line.ctid AS row, line.ticket_id, line.message_id, line.at FROM searching_line line
    WHERE line.words @@ %s::tsquery{before}
), fitting AS MATERIALIZED (
    SELECT * FROM found line WHERE line.ticket_id IN ({tickets})
    ORDER BY line.at DESC, line.ticket_id DESC, line.message_id DESC LIMIT %s
)
SELECT (SELECT count(*) FROM found), line.ticket_id, line.message_id, line.at,
    ts_rank_cd(line.words, %s::tsquery, 1)
FROM (SELECT 1) one LEFT JOIN (
    fitting JOIN searching_line line ON line.ctid = fitting.row
) ON TRUE ORDER BY line.at DESC, line.ticket_id DESC, line.message_id DESC
"""


class TooLong(Exception):
    """The database was not done within its time."""


@contextmanager
def in_time() -> Iterator[None]:
    """Each statement within is given up after MOST_SECONDS. Raises TooLong."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_LIMIT, [f"{MOST_SECONDS * 1000:.0f}"])
            yield
            cursor.execute(_UNLIMIT)
    except OperationalError as problem:
        if getattr(problem.__cause__, "sqlstate", "") != _CANCELLED:
            raise
        raise TooLong from problem


def newest(
    terms: Sequence[Term],
    tickets: TicketQuerySet,
    *,
    before: Place | None,
    now: datetime,
    most: int,
) -> Lines:
    """The newest lines of ``tickets`` in which all ``terms`` stand."""
    wanted = _query(terms)
    try:
        sql, given = tickets.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return Lines()
    if not wanted:
        return Lines()
    where = _Where(wanted, sql, list(given), before)
    return where.all(most) if where.cost() <= CHEAP else where.stepwise(now, most)


def headed(terms: Sequence[Term], tickets: TicketQuerySet) -> TicketQuerySet:
    """Those of ``tickets`` in whose subject or reference all ``terms`` stand."""
    heads = RawSQL(_HEADED, [_query(terms)])  # noqa: S611
    return tickets.filter(pk__in=heads)


def without(terms: Sequence[Term], tickets: TicketQuerySet) -> TicketQuerySet:
    """Those of ``tickets`` that say none of ``terms`` anywhere; asked ticket by ticket."""
    for term in terms:
        if wanted := _query([term]):
            tickets = tickets.filter(_SaysNot(F("pk"), Value(wanted)))
    return tickets


class _SaysNot(Func):
    """No line of the ticket has the words. A count, because the planner would turn NOT EXISTS into
    reading every line of all tickets that has them."""

    template = (
        "((SELECT count(*) FROM searching_line said WHERE said.ticket_id = %(expressions)s) = 0)"
    )
    arg_joiner = " AND said.words @@ "
    output_field = BooleanField()


def _query(terms: Sequence[Term]) -> str:
    """The terms as PostgreSQL writes them, in one go; empty where no letter is in any of them."""
    calls = [f"search_{'prefix' if each.is_beginning else 'phrase'}(%s)" for each in terms]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ({' && '.join(calls)})::text", [each.text for each in terms])
        return str(cursor.fetchone()[0])


class _Where:
    """One question to the table of lines."""

    def __init__(self, wanted: str, tickets: str, given: Given, before: Place | None) -> None:
        self.wanted, self.tickets, self.given = wanted, tickets, given
        self.before = _BEFORE if before else ""
        self.place: Given = list(before) if before else []
        self.begin = before.at if before else None

    def cost(self) -> float:
        """What the planner thinks of finding every match."""
        plan = self._asked(_COST, [self.wanted, *self.given, *self.place])[0][0]
        plan = json.loads(plan) if isinstance(plan, str) else plan
        return float(plan[0]["Plan"]["Total Cost"])

    def all(self, most: int) -> Lines:
        given = [self.wanted, *self.given, *self.place, most + 1, self.wanted]
        rows = [Line(*row) for row in self._asked(_ALL, given)]
        return Lines(rows[:most], is_cut=len(rows) > most)

    def stepwise(self, now: datetime, most: int) -> Lines:
        """Stretch by stretch back in time, until there is enough or enough was looked at."""
        lines: list[Line] = []
        looked = 0
        until = self.begin
        # Some clocks run ahead of ours, but not by an hour.
        last = hour_of(self.begin) if self.begin else hour_of(now) + 1
        for stretch in backwards(last):
            found, rows = self._stretch(stretch, until, most + 1 - len(lines))
            lines, looked, until = lines + rows, looked + found, stretch.begins_at
            if len(lines) > most:
                return Lines(lines[:most], is_cut=True, looked_at=looked)
            if looked >= MOST_LOOKED_AT and until:
                return Lines(lines, is_cut=True, looked_at=looked, looked_to=until)
        return Lines(lines)

    def _stretch(
        self, stretch: Stretch, until: datetime | None, most: int
    ) -> tuple[int, list[Line]]:
        """How many lines have the words there, and the newest of those that fit."""
        wanted, before, place = self.wanted, self.before, self.place
        if stretch.words:
            days = " | ".join(f"'{each}'" for each in stretch.words)
            wanted = f"({wanted}) & ({days})"
        elif until:
            before, place = " AND line.at < %s", [until]
        rows = self._asked(
            _STRETCH, [wanted, *place, *self.given, most, self.wanted], before=before
        )
        return rows[0][0], [Line(*row[1:]) for row in rows if row[1] is not None]

    def _asked(self, sql: str, given: Given, before: str | None = None) -> list[Any]:
        sql = sql.format(tickets=self.tickets, before=self.before if before is None else before)
        with connection.cursor() as cursor:
            cursor.execute(sql, given)
            rows: list[Any] = cursor.fetchall()
        return rows
