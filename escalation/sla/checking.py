"""Is this a calendar one can promise by? Each problem names its day and says what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
NOTHING = timedelta(0)
MIDNIGHT = time(0, 0)
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Interval = tuple[time, time]
Span = tuple[timedelta, timedelta]


class CalendarError(ValueError):
    """A calendar, or a question to it, that makes no sense; `code` is stable, `message` for people.

    `day` is the weekday's name or the ISO date concerned, empty when the whole calendar is.
    """

    def __init__(self, code: str, message: str, day: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.day = day


@dataclass(frozen=True, slots=True)
class CalendarException:
    """A date that differs: closed all day (no intervals), closed for hours, or opened as an extra.

    Where a closure and an extra opening meet, the extra opening wins.
    """

    date: date
    closed: bool = True
    intervals: tuple[Interval, ...] = ()
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "intervals", tuple((a, b) for a, b in self.intervals))


def span(interval: Interval) -> Span:
    """The interval as offsets from its midnight; an end not after the start is the next day's.

    An end of 00:00 (or `time.max`) is the midnight that ends the day, so 00:00-00:00 is all of it.
    """
    start, end = (_offset(side) for side in interval)
    if interval[1] == time.max:
        end = DAY
    return (start, end if end > start else end + DAY)


def problems(
    zone: str,
    weekly: Mapping[int, Sequence[Interval]],
    exceptions: Sequence[CalendarException] = (),
) -> list[CalendarError]:
    """Everything that forbids saving this calendar, in the order of a week and then of dates."""
    found = [*_zone_problems(zone), *_week_problems(weekly)]
    for exception in sorted(exceptions, key=lambda each: each.date):
        found.extend(_exception_problems(exception))
    return found


def _offset(at: time) -> timedelta:
    return timedelta(
        hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond
    )


def known_zone(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _zone_problems(zone: str) -> Iterator[CalendarError]:
    if not known_zone(zone):
        yield CalendarError("unknown_zone", f"There is no time zone called “{zone}”.")


def _week_problems(weekly: Mapping[int, Sequence[Interval]]) -> Iterator[CalendarError]:
    opened: list[tuple[timedelta, timedelta, int, Interval]] = []
    for day in sorted(weekly):
        if day not in range(7):
            yield CalendarError("unknown_day", f"Weekday {day}: use 0 (Monday) to 6 (Sunday).")
            continue
        yield from _zero_lengths(DAY_NAMES[day], weekly[day])
        for interval in weekly[day]:
            start, end = span(interval)
            opened.append((start + day * DAY, end + day * DAY, day, interval))
    if not any(weekly.get(day) for day in range(7)):
        yield CalendarError("never_opens", "This calendar never opens: give it opening hours.")
    yield from _week_overlaps(sorted(opened, key=lambda each: each[:3]))


def _week_overlaps(
    opened: list[tuple[timedelta, timedelta, int, Interval]],
) -> Iterator[CalendarError]:
    if len(opened) < 2:
        return
    # The week is a circle: Sunday night may run into Monday morning.
    around = [(start + WEEK, end + WEEK, day, each) for start, end, day, each in opened[:1]]
    _, until, day, longest = opened[0]
    for start, end, next_day, later in [*opened[1:], *around]:
        if start < until:
            where = "" if day == next_day else f" of {DAY_NAMES[day]}"
            message = f"{DAY_NAMES[next_day]}: {_text(later)} overlaps {_text(longest)}{where}."
            yield CalendarError("overlapping", message, DAY_NAMES[next_day])
        if end > until:
            until, day, longest = end, next_day, later


def _exception_problems(exception: CalendarException) -> Iterator[CalendarError]:
    day = exception.date.isoformat()
    if not exception.closed and not exception.intervals:
        yield CalendarError("empty", f"{day}: an extra opening needs its hours.", day)
    yield from _zero_lengths(day, exception.intervals)
    ordered = sorted(exception.intervals, key=span)
    for earlier, later in pairwise(ordered):
        if span(later)[0] < span(earlier)[1]:
            message = f"{day}: {_text(later)} overlaps {_text(earlier)}."
            yield CalendarError("overlapping", message, day)


def _zero_lengths(day: str, intervals: Sequence[Interval]) -> Iterator[CalendarError]:
    for start, end in intervals:
        if start == end != MIDNIGHT:
            message = f"{day}: {_text((start, end))} has no length; 00:00-00:00 is the whole day."
            yield CalendarError("zero_length", message, day)


def _text(interval: Interval) -> str:
    return "-".join(side.isoformat("minutes") for side in interval)
