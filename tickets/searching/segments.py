"""The past in stretches, newest first, as the words that the index of PostgreSQL has for them; pure.

A row is entered under its day (``~20521``) and under its 32 days (``~~641``). The stretches follow
one another without a gap and grow, so that few of them reach far back.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

DAYS = 32  # of a block, as the migration has it
_MOST_BLOCKS = 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The days from ``first`` on; ``words`` are any of them, and none where it never ends."""

    words: tuple[str, ...]
    first: int | None

    @property
    def begins_at(self) -> datetime | None:
        return None if self.first is None else _EPOCH + timedelta(days=self.first)


def day_of(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(days=1)


def backwards(from_day: int) -> Iterator[Stretch]:
    """Stretches that hold every day up to ``from_day`` once; the last is everything before."""
    day = from_day
    length = 1
    while True:
        first = max(day - length + 1, day // DAYS * DAYS)
        yield Stretch(tuple(f"~{each}" for each in range(day, first - 1, -1)), first)
        day, length = first - 1, length * 2
        if first % DAYS == 0 and length > DAYS // 4:
            break
    block, length = day // DAYS, 1
    while length <= _MOST_BLOCKS:
        first = block - length + 1
        yield Stretch(tuple(f"~~{each}" for each in range(block, first - 1, -1)), first * DAYS)
        block, length = first - 1, length * 2
    yield Stretch((), None)
