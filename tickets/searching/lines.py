"""A line of the search: the head of a ticket or one message, at its instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from django.utils.dateparse import parse_datetime

HEAD = 0  # in place of a message's number


class Place(NamedTuple):
    """Where a page of lines ends; the next holds what is older."""

    at: datetime
    ticket: int
    message: int

    @property
    def cursor(self) -> str:
        return f"{self.at.astimezone(UTC).isoformat()}~{self.ticket}~{self.message}"


class Line(NamedTuple):
    ticket: int
    message: int
    at: datetime
    rank: float

    @property
    def place(self) -> Place:
        return Place(self.at, self.ticket, self.message)


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines, newest first; and how far was looked where not everything was."""

    rows: Sequence[Line] = ()
    is_cut: bool = False
    looked_at: int | None = None
    looked_to: datetime | None = None


def place_of(cursor: str) -> Place | None:
    """A cursor's place; anything that is not a cursor means the first page."""
    at, _, numbers = cursor.partition("~")
    parts = numbers.split("~")
    if len(parts) != 2 or not all(
        each.isascii() and each.isdigit() and len(each) < 19 for each in parts
    ):
        return None
    try:
        moment = parse_datetime(at)
        moment = moment.astimezone(UTC) if moment and moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
    return Place(moment, int(parts[0]), int(parts[1])) if moment else None
