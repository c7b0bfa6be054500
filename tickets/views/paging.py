"""Keyset pages: the next page begins after the last row of this one, however deep it lies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.lookups import Exact, GreaterThan
from django.utils.dateparse import parse_datetime

from tickets.models import RANKS, URGENCY, Ticket

SIZE = 50
# A row is what the caller asked for by ``values()``; "pk" and the order's columns are in it.
Row = dict[str, Any]
Rows = QuerySet[Ticket, Row]
Page = tuple[list[Row], str]


@dataclass(frozen=True, slots=True)
class Order:
    """A way to go through tickets: by an instant, the number breaking ties, no instant last."""

    key: str
    label: str
    column: str
    descending: bool = False
    is_nullable: bool = False
    by_urgency: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended."""

    at: datetime | None
    pk: int
    rank: int = 0


ORDERS = {
    order.key: order
    for order in (
        Order("due", "Deadline, first to break", "next_due_at", is_nullable=True),
        Order("priority", "Priority, then deadline", "next_due_at", is_nullable=True, by_urgency=True),
        Order("changed", "Changed last", "updated_at", descending=True),
        Order("unchanged", "Longest unchanged", "updated_at"),
        Order("opened", "Newest", "opened_at", descending=True),
        Order("oldest", "Oldest", "opened_at"),
    )
}  # fmt: skip
# Only within the views whose tickets are annotated with them.
OF_TABS = {
    "leaving": Order("leaving", "Leaves first", "leaves_at"),
    "calling": Order("calling", "Call owed first", "call_at", is_nullable=True),
}


def order_for(wanted: str, first: str) -> Order:
    """The order somebody chose, else the view's ``first``."""
    return ORDERS.get(wanted) or OF_TABS.get(first) or ORDERS[first]


def turn(order: Order, tickets: Rows, after: str) -> Page:
    """The page after the cursor ``after`` and the next one's cursor; no cursor, the first page."""
    place = _read(after, order)
    parts = [_whole(order, tickets)] if place is None else _following(order, tickets, place)
    rows: list[Row] = []
    for part in parts:
        rows += islice(part[: SIZE + 1], SIZE + 1 - len(rows))
        if len(rows) > SIZE:
            break
    return _cut(rows, order)


def _whole(order: Order, tickets: Rows) -> Rows:
    column = F(order.column)
    if order.descending:
        return tickets.order_by(column.desc(), "-pk")
    first = [URGENCY.asc()] if order.by_urgency else []
    nulls = {"nulls_last": True} if order.is_nullable else {}
    return tickets.order_by(*first, column.asc(**nulls), "pk")


def _following(order: Order, tickets: Rows, place: Place) -> Iterator[Rows]:
    """What lies behind ``place``, in stretches that each begin at one point of an index."""
    here = tickets.filter(Exact(URGENCY, place.rank)) if order.by_urgency else tickets
    if place.at is not None:
        yield _later(order, here, place.at, place.pk)
    if order.is_nullable:
        undated = here.filter(**{f"{order.column}__isnull": True}).order_by("pk")
        yield undated if place.at is not None else undated.filter(pk__gt=place.pk)
    if order.by_urgency:
        yield _whole(order, tickets.filter(GreaterThan(URGENCY, place.rank)))


def _later(order: Order, tickets: Rows, at: datetime, pk: int) -> Rows:
    # Bounding the column first lets the index start there; the tie is settled on the few equals.
    step, by = ("lt", "-") if order.descending else ("gt", "")
    beyond = Q(**{f"{order.column}__{step}": at})
    tied = Q(**{order.column: at, f"pk__{step}": pk})
    bounded = tickets.filter(**{f"{order.column}__{step}e": at})
    return bounded.filter(beyond | tied).order_by(f"{by}{order.column}", f"{by}pk")


def _cut(rows: Iterable[Row], order: Order) -> Page:
    """The page itself, and the cursor of the next one if there is any."""
    page = list(rows)
    if len(page) <= SIZE:
        return page, ""
    last = page[SIZE - 1]
    at = last[order.column]
    rank = f"{RANKS[last['priority']]}~" if order.by_urgency else ""
    return page[:SIZE], f"{rank}{at.isoformat() if at else '-'}~{last['pk']}"


def _read(cursor: str, order: Order) -> Place | None:
    """A cursor's place; anything that is not a cursor of this order means the first page."""
    rank, _, rest = cursor.partition("~") if order.by_urgency else ("0", "", cursor)
    at, _, pk = rest.partition("~")
    known = rank in {"0", "1", "2", "3"}
    if not (known and pk.isascii() and pk.isdigit() and len(pk) < 19):
        return None
    if at == "-":
        return Place(None, int(pk), int(rank)) if order.is_nullable else None
    try:
        moment = parse_datetime(at)
        return (
            Place(moment.astimezone(UTC), int(pk), int(rank)) if moment and moment.tzinfo else None
        )
    except (ValueError, OverflowError):
        return None
