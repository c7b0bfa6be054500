"""Cursor pages: the same cost at the start and at the millionth ticket."""

from datetime import timedelta

from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from tickets.numerals import FIRST_YEAR, LAST_YEAR


class InstantCursor(CursorPagination):
    """Pages ordered by an instant; a cursor that was not made here leads nowhere (404)."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"

    def decode_cursor(self, request: Request) -> Cursor | None:
        cursor: Cursor | None = super().decode_cursor(request)
        if cursor and cursor.position is not None and not _is_instant(str(cursor.position)):
            raise NotFound(self.invalid_cursor_message)
        return cursor


class NewestChangeFirst(InstantCursor):
    ordering = ("-updated_at", "-id")


class OldestFirst(InstantCursor):
    page_size = 100
    ordering = ("at", "id")


def _is_instant(text: str) -> bool:
    """DRF hands a cursor's position to the database as it came."""
    try:
        at = parse_datetime(text)
    except ValueError:
        return False
    return at is not None and at.utcoffset() == timedelta(0) and FIRST_YEAR <= at.year <= LAST_YEAR
