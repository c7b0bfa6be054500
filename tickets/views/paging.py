"""Keyset pages: the next page begins after the last row of this one, however deep it lies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.lookups import Exact, GreaterThan, LessThan
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
    """Where a page ended, or a ticket stands."""

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
# Only within the views whose tickets are annotated with them, or have one.
OF_TABS = {
    "leaving": Order("leaving", "Leaves first", "leaves_at"),
    "returning": Order("returning", "Back first", "comes_back_at"),
    "calling": Order("calling", "Call owed first", "call_at", is_nullable=True),
}


def order_for(wanted: str, first: str) -> Order:
    """The order somebody chose, else the view's ``first``."""
    return ORDERS.get(wanted) or OF_TABS.get(first) or ORDERS[first]


def turn(order: Order, tickets: Rows, after: str) -> Page:
    """The page after the cursor ``after`` and the next one's cursor; no cursor, the first page."""
    return _cut(behind(order, tickets, place(after, order), SIZE + 1), order)


def behind(order: Order, tickets: Rows, here: Place | None, most: int) -> list[Row]:
    """The rows behind a place, at most so many; from the beginning where there is none."""
    parts = [_whole(order, tickets)] if here is None else _following(order, tickets, here)
    return _gathered(parts, most)


def before(order: Order, tickets: Rows, here: Place | None, most: int) -> list[Row]:
    """The rows before a place, at most so many, in the order of the view."""
    return _gathered(_preceding(order, tickets, here), most)[::-1] if here else []


def cursor(row: Row, order: Order) -> str:
    """Where this row stands, as an address can carry it."""
    at = row[order.column]
    rank = f"{RANKS[row['priority']]}~" if order.by_urgency else ""
    instant = at.isoformat().replace("+00:00", "Z") if at else "-"
    return f"{rank}{instant}~{row['pk']}"


def _gathered(parts: Iterable[Rows], most: int) -> list[Row]:
    rows: list[Row] = []
    for part in parts:
        rows += islice(part[:most], most - len(rows))
        if len(rows) == most:
            break
    return rows


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
        yield _beyond(order, here, place.at, place.pk, forth=True)
    if order.is_nullable:
        undated = here.filter(_is_undated(order)).order_by("pk")
        yield undated if place.at is not None else undated.filter(pk__gt=place.pk)
    if order.by_urgency:
        yield _whole(order, tickets.filter(GreaterThan(URGENCY, place.rank)))


def _preceding(order: Order, tickets: Rows, place: Place) -> Iterator[Rows]:
    """What lies before ``place``, the nearest first, in stretches as those of ``_following``."""
    here = tickets.filter(Exact(URGENCY, place.rank)) if order.by_urgency else tickets
    if place.at is not None:
        yield _beyond(order, here, place.at, place.pk, forth=False)
    else:
        yield here.filter(_is_undated(order), pk__lt=place.pk).order_by("-pk")
        yield here.exclude(_is_undated(order)).order_by(F(order.column).desc(), "-pk")
    if order.by_urgency:
        more_urgent = tickets.filter(LessThan(URGENCY, place.rank))
        column = F(order.column).desc(nulls_first=True)
        yield more_urgent.order_by(URGENCY.desc(), column, "-pk")


def _is_undated(order: Order) -> Q:
    return Q(**{f"{order.column}__isnull": True})


def _beyond(order: Order, tickets: Rows, at: datetime, pk: int, *, forth: bool) -> Rows:
    """What lies behind an instant, or before it."""
    # Bounding the column first lets the index start there; the tie is settled on the few equals.
    step, by = ("lt", "-") if order.descending is forth else ("gt", "")
    beyond = Q(**{f"{order.column}__{step}": at})
    tied = Q(**{order.column: at, f"pk__{step}": pk})
    bounded = tickets.filter(**{f"{order.column}__{step}e": at})
    return bounded.filter(beyond | tied).order_by(f"{by}{order.column}", f"{by}pk")


def _cut(rows: Iterable[Row], order: Order) -> Page:
    """The page itself, and the cursor of the next one if there is any."""
    page = list(rows)
    if len(page) <= SIZE:
        return page, ""
    return page[:SIZE], cursor(page[SIZE - 1], order)


def place(text: str, order: Order) -> Place | None:
    """A cursor's place; anything that is not a cursor of this order means the first page."""
    rank, _, rest = text.partition("~") if order.by_urgency else ("0", "", text)
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
