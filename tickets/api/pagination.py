"""Cursor pages: the same cost at the start and at the millionth ticket."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination, _reverse_ordering
from rest_framework.request import Request
from rest_framework.utils.urls import remove_query_param

from tickets.numerals import FIRST_YEAR, LAST_YEAR

Place = tuple[datetime, int]


class InstantCursor(CursorPagination):
    """Pages ordered by an instant and the key; a cursor that was not made here leads nowhere (404).

    DRF's own counts rows of one instant from its first on, and only up to a thousand: a list of
    more rows of one instant never ended there. A place of ours names one row.
    """

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering: tuple[str, str]

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request, self.base_url = request, request.build_absolute_uri()
        self.page_size = self.get_page_size(request) or self.page_size
        self.cursor = self.decode_cursor(request)
        reverse = bool(self.cursor and self.cursor.reverse)
        ordering = _reverse_ordering(self.ordering) if reverse else self.ordering
        place = self.cursor and _place(self.cursor.position)
        if place:
            queryset = _beyond(queryset, place, *ordering)
        rows = list(queryset.order_by(*ordering)[: self.page_size + 1])
        self.page = rows[: self.page_size]
        further, back = len(rows) > self.page_size, bool(place)
        self.has_next, self.has_previous = (back, further) if reverse else (further, back)
        if reverse:
            self.page.reverse()
        return self.page

    def get_next_link(self) -> str | None:
        return self._link((self.page or [])[-1:], reverse=False) if self.has_next else None

    def get_previous_link(self) -> str | None:
        return self._link((self.page or [])[:1], reverse=True) if self.has_previous else None

    def decode_cursor(self, request: Request) -> Cursor | None:
        cursor: Cursor | None = super().decode_cursor(request)
        if cursor and cursor.position is not None and not _place(cursor.position):
            raise NotFound(self.invalid_cursor_message)
        return cursor

    def _link(self, row: list[Any], *, reverse: bool) -> str:
        """The page beyond that row; where every row has gone meanwhile, the list from its start."""
        if not row:
            return str(remove_query_param(self.base_url or "", self.cursor_query_param))
        at: datetime = getattr(row[0], self.ordering[0].lstrip("-"))
        position: Any = f"{at.isoformat()}~{row[0].pk}"
        return str(self.encode_cursor(Cursor(offset=0, reverse=reverse, position=position)))


class NewestChangeFirst(InstantCursor):
    ordering = ("-updated_at", "-id")


class OldestFirst(InstantCursor):
    page_size = 100
    ordering = ("at", "id")


class OldestMessageFirst(OldestFirst):
    """Each may carry 20,000 characters."""

    page_size, max_page_size = 50, 100


def _beyond(rows: Any, place: Place, by_instant: str, by_key: str) -> Any:
    """The first condition is the index's; the second one alone would read all of it."""
    field, sign = by_instant.lstrip("-"), "lt" if by_instant.startswith("-") else "gt"
    further = Q((f"{field}__{sign}", place[0])) | Q((f"{by_key.lstrip('-')}__{sign}", place[1]))
    return rows.filter(**{f"{field}__{sign}e": place[0]}).filter(further)


def _place(position: Any) -> Place | None:
    """The instant and key that a cursor names; the database sees nothing else of it."""
    text, _, key = str(position or "").partition("~")
    try:
        at = parse_datetime(text)
    except ValueError:
        return None
    known = at is not None and at.utcoffset() == timedelta(0) and FIRST_YEAR <= at.year <= LAST_YEAR
    is_key = key.isascii() and key.isdecimal() and len(key) <= 18
    return (at, int(key)) if at and known and is_key else None
