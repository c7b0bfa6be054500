"""Keyset pages: the next page begins after the last row of this one, however deep it lies."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.lookups import Exact, GreaterThan
from django.utils.dateparse import parse_datetime

from tickets.models import Ticket

SIZE = 50
# A row is what the caller asked for by ``values()``; "pk" and the column of the order are in it.
Row = dict[str, Any]
Rows = QuerySet[Ticket, Row]
Page = tuple[list[Row], str]


def breaking_next(tickets: Rows, after: str) -> Page:
    """What breaks first comes first; tickets without a deadline follow, by id."""
    if not (place := _read(after)):
        return _cut(
            list(tickets.order_by(F("next_due_at").asc(nulls_last=True), "pk")[: SIZE + 1]),
            "next_due_at",
        )
    due_at, pk = place
    dated = tickets.filter(next_due_at__isnull=False).order_by("next_due_at", "pk")
    rest = tickets.filter(next_due_at__isnull=True).order_by("pk")
    if due_at is None:
        return _cut(list(rest.filter(pk__gt=pk)[: SIZE + 1]), "next_due_at")
    # Bounding the column first lets the index start there; the tie is settled on the few equals.
    later = Q(next_due_at__gt=due_at) | Q(next_due_at=due_at, pk__gt=pk)
    rows = list(dated.filter(next_due_at__gte=due_at).filter(later)[: SIZE + 1])
    if len(rows) <= SIZE:
        rows += islice(rest[: SIZE + 1], SIZE + 1 - len(rows))
    return _cut(rows, "next_due_at")


def most_recent(tickets: Rows, after: str) -> Page:
    """What changed last comes first."""
    place = _read(after)
    if place and (at := place[0]):
        earlier = Q(updated_at__lt=at) | Q(updated_at=at, pk__lt=place[1])
        tickets = tickets.filter(updated_at__lte=at).filter(earlier)
    rows = list(tickets.order_by(F("updated_at").desc(), "-pk")[: SIZE + 1])
    return _cut(rows, "updated_at")


def leaving_next(tickets: Rows, after: str) -> Page:
    """What leaves its hold first comes first; the rows bring ``leaves_at``."""
    place = _read(after)
    if place and (at := place[0]):
        leaves = F("leaves_at")  # annotated by the tab
        tickets = tickets.filter(GreaterThan(leaves, at) | Q(Exact(leaves, at), pk__gt=place[1]))
    rows = list(tickets.order_by(F("leaves_at").asc(), "pk")[: SIZE + 1])
    return _cut(rows, "leaves_at")


def _cut(rows: list[Row], key: str) -> Page:
    """The page itself, and the cursor of the next one if there is any."""
    if len(rows) <= SIZE:
        return rows, ""
    last = rows[SIZE - 1]
    at = last[key]
    return rows[:SIZE], f"{at.isoformat() if at else '-'}~{last['pk']}"


def _read(cursor: str) -> tuple[datetime | None, int] | None:
    """A cursor's place; anything that is not a cursor means the first page."""
    at, _, pk = cursor.partition("~")
    if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        return None
    if at == "-":
        return None, int(pk)
    try:
        moment = parse_datetime(at)
        return (moment.astimezone(UTC), int(pk)) if moment and moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
