"""The past in stretches, newest first, as the words that the index of PostgreSQL has for them; pure.

A row is entered under its hour (``~493820``), its day (``~~20575``) and its 32 days (``~~~642``).
The stretches follow one another without a gap and grow, so that few of them reach far back, and the
newest hold little however much is written in a day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# How many hours a word stands for, and how many of the next finer words make one.
_LEVELS = (("~", 1, 24), ("~~", 24, 32), ("~~~", 24 * 32, 0))
_MOST_BLOCKS = 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The hours from ``first`` on; ``words`` are any of them, and none where it never ends."""

    words: tuple[str, ...]
    first: int | None

    @property
    def begins_at(self) -> datetime | None:
        return None if self.first is None else _EPOCH + timedelta(hours=self.first)


def hour_of(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(hours=1)


def backwards(from_hour: int) -> Iterator[Stretch]:
    """Stretches that hold every hour up to ``from_hour`` once; the last is everything before."""
    hour = from_hour
    for mark, hours, in_next in _LEVELS:
        for stretch in _level(mark, hours, in_next, hour // hours):
            yield stretch
            hour = (stretch.first or 0) - 1
    yield Stretch((), None)


def _level(mark: str, hours: int, in_next: int, last: int) -> Iterator[Stretch]:
    """Ever more at once, to where a coarser word begins and enough finer ones were gone through."""
    length, seen = 1, 0
    while True:
        first = last - length + 1
        if in_next:
            first = max(first, last // in_next * in_next)
        yield Stretch(tuple(f"{mark}{each}" for each in range(last, first - 1, -1)), first * hours)
        seen, last, length = seen + last - first + 1, first - 1, length * 2
        if seen >= (in_next // 2 or _MOST_BLOCKS) and (not in_next or first % in_next == 0):
            return
