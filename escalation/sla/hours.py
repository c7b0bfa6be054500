"""Business time: calendars that add and measure open hours, in UTC, whatever the clocks do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from escalation.sla.checking import (
    DAY,
    MIDNIGHT,
    NOTHING,
    CalendarError,
    CalendarException,
    Span,
    problems,
    span,
)
from escalation.sla.instants import aware, beyond_time, ordered, refuse_negative
from escalation.sla.versions import CalendarHistory
from escalation.sla.walls import instant, subtract, union, within_day

__all__ = [
    "ALWAYS",
    "ELAPSED",
    "CalendarError",
    "CalendarException",
    "CalendarHistory",
    "Elapsed",
    "WorkCalendar",
    "problems",
]

Opening = tuple[datetime, datetime]

LAST_DAY = date.max.toordinal() - 2
# Two hundred years: nobody waits longer, and walking on takes longer than anybody waits for it.
FARTHEST = 73_050
REMEMBERED_DAYS = 4000


class WorkCalendar:
    """A weekly schedule in one zone with its exceptions (rule 2); immutable, comparable, hashable.

    `weekly` maps 0 (Monday) to 6 to intervals of wall time. They include their start and exclude
    their end; an end not after the start lies on the next day, and 00:00 as an end is midnight.
    A closure takes its own date's hours, also those of a shift that began the evening before.
    Raises CalendarError for the first of `problems`.
    """

    def __init__(
        self,
        zone: str,
        weekly: Mapping[int, Sequence[tuple[time, time]]],
        exceptions: Sequence[CalendarException] = (),
        name: str = "",
    ) -> None:
        for problem in problems(zone, weekly, exceptions):
            raise problem
        self.zone = zone
        self.name = name
        self.weekly = tuple(tuple(sorted(weekly.get(day, ()))) for day in range(7))
        self.exceptions = tuple(sorted(exceptions, key=_exception_order))
        self._clock = ZoneInfo(zone)
        self._week_spans = [[span(each) for each in day] for day in self.weekly]
        self._regular_week = sum((b - a for day in self._week_spans for a, b in day), NOTHING)
        self._closures = _by_day(each for each in self.exceptions if each.closed)
        self._extras = _by_day(each for each in self.exceptions if not each.closed)
        self._special = {*self._closures, *self._extras}
        self._midnights: dict[int, datetime] = {}
        self._days: dict[int, tuple[Opening, ...]] = {}
        self._weeks: dict[int, timedelta] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WorkCalendar) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def __repr__(self) -> str:
        return f"WorkCalendar({self.name or 'unnamed'}, {self.zone})"

    def add(self, start: datetime, duration: timedelta) -> datetime:
        """The instant at which `duration` of open time has passed since `start`, in UTC (rule 2).

        Outside hours the count begins at the next opening; a result exactly at closing stays
        there. Raises CalendarError for a negative duration, and for one that these hours do not add
        up to in 200 years.
        """
        refuse_negative(duration)
        start = aware(start)
        self._refuse_absurd(start, duration)
        left = duration
        first = day = self._day_of(start)
        while True:
            if day > first and _is_monday(day) and (whole := self._week(day)) < left:
                left -= whole
                day += 7
                continue
            for opening, closing in self._day(day):
                opening = max(opening, start)
                if opening < closing:
                    if left <= closing - opening:
                        return opening + left
                    left -= closing - opening
            day += 1

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The open time from `start` to `end`. Raises CalendarError when they are the wrong way."""
        start, end = ordered(start, end)
        total = NOTHING
        first = day = self._day_of(start)
        last = self._day_of(end)
        while day <= last:
            if day > first and _is_monday(day) and day + 7 <= last:
                total += self._week(day)
                day += 7
                continue
            for opening, closing in self._day(day):
                total += max(NOTHING, min(closing, end) - max(opening, start))
            day += 1
        return total

    def is_open(self, at: datetime) -> bool:
        at = aware(at)
        return any(start <= at < end for start, end in self._day(self._day_of(at)))

    def intervals(self, start: datetime, end: datetime) -> list[Opening]:
        """The open stretches between two instants, clipped to them, in UTC; for explaining."""
        start, end = ordered(start, end)
        found: list[Opening] = []
        for day in range(self._day_of(start), self._day_of(end) + 1):
            for opening, closing in self._day(day):
                opening, closing = max(opening, start), min(closing, end)
                if opening < closing:
                    if found and found[-1][1] == opening:
                        opening = found.pop()[0]
                    found.append((opening, closing))
        return found

    def closure(self, at: datetime) -> str:
        """The name of the holiday that closes this instant's local date, or nothing."""
        day = self._day_of(aware(at))
        names = (each.name for each in self._closures.get(day, ()))
        return next((name for name in names if name), "")

    def _identity(self) -> tuple[object, ...]:
        return (self.zone, self.name, self.weekly, self.exceptions)

    def _refuse_absurd(self, start: datetime, duration: timedelta) -> None:
        # Answer at once instead of walking week by week to the end of time.
        weeks = min(LAST_DAY - start.toordinal(), FARTHEST) // 7 + 2  # broken ones at both ends
        if weeks * self._regular_week + 2 * DAY * len(self._extras) < duration:
            raise beyond_time()

    def _midnight(self, day: int) -> datetime:
        if not 1 < day <= LAST_DAY:
            raise beyond_time()
        found = self._midnights.get(day)
        if found is None:
            wall = datetime.combine(date.fromordinal(day), MIDNIGHT)
            found = self._midnights[day] = instant(wall, self._clock)
        return found

    def _day_of(self, at: datetime) -> int:
        """The local day whose midnights enclose this instant, also where midnight itself jumps."""
        day = min(at.toordinal(), LAST_DAY)
        while at < self._midnight(day):
            day -= 1
        while at >= self._midnight(day + 1):
            day += 1
        return day

    def _day(self, day: int) -> tuple[Opening, ...]:
        found = self._days.get(day)
        if found is None:
            if len(self._days) >= REMEMBERED_DAYS:
                self._forget()
            found = self._days[day] = tuple(self._openings(day))
        return found

    def _openings(self, day: int) -> Iterator[Opening]:
        wall = datetime.combine(date.fromordinal(day), MIDNIGHT)
        for start, end in self._spans_on(day):
            opening, closing = (
                self._midnight(day + 1) if at == DAY else instant(wall + at, self._clock)
                for at in (start, end)
            )
            if opening < closing:
                yield (opening, closing)

    def _spans_on(self, day: int) -> list[Span]:
        weekday = (day - 1) % 7
        usual = within_day(self._week_spans[weekday], self._week_spans[weekday - 1])
        closed = within_day(_spans(self._closures, day), _spans(self._closures, day - 1))
        extra = within_day(_spans(self._extras, day), _spans(self._extras, day - 1))
        return union([*subtract(usual, closed), *extra])

    def _week(self, monday: int) -> timedelta:
        found = self._weeks.get(monday)
        if found is None:
            found = self._weeks[monday] = self._measure_week(monday)
        return found

    def _measure_week(self, monday: int) -> timedelta:
        if self._is_ordinary(monday):
            return self._regular_week
        days = range(monday, monday + 7)
        return sum((end - start for day in days for start, end in self._day(day)), NOTHING)

    def _is_ordinary(self, monday: int) -> bool:
        """No exception touches this week and no clock changes in it."""
        if not self._special.isdisjoint(range(monday - 1, monday + 7)):
            return False
        return len({self._offset(day) for day in range(monday, monday + 8)}) == 1

    def _offset(self, day: int) -> timedelta | None:
        if day > LAST_DAY:
            raise beyond_time()
        return datetime.combine(date.fromordinal(day), MIDNIGHT, self._clock).utcoffset()

    def _forget(self) -> None:
        self._days.clear()
        self._weeks.clear()
        self._midnights.clear()


class Elapsed:
    """Plain time as a calendar: always open, every duration as long as it is."""

    name = "elapsed time"
    zone = "UTC"

    def add(self, start: datetime, duration: timedelta) -> datetime:
        refuse_negative(duration)
        try:
            return aware(start) + duration
        except OverflowError:
            raise beyond_time() from None

    def between(self, start: datetime, end: datetime) -> timedelta:
        start, end = ordered(start, end)
        return end - start

    def is_open(self, at: datetime) -> bool:
        return True

    def intervals(self, start: datetime, end: datetime) -> list[Opening]:
        start, end = ordered(start, end)
        return [(start, end)] if start < end else []


def _is_monday(day: int) -> bool:
    return day % 7 == 1


def _exception_order(each: CalendarException) -> tuple[object, ...]:
    return (each.date, each.closed, each.intervals, each.name)


def _by_day(exceptions: Iterable[CalendarException]) -> dict[int, list[CalendarException]]:
    found: dict[int, list[CalendarException]] = {}
    for each in exceptions:
        found.setdefault(each.date.toordinal(), []).append(each)
    return found


def _spans(exceptions: Mapping[int, list[CalendarException]], day: int) -> list[Span]:
    found: list[Span] = []
    for each in exceptions.get(day, ()):
        found.extend([span(interval) for interval in each.intervals] or [(NOTHING, DAY)])
    return found


ALWAYS = WorkCalendar("UTC", {day: [(MIDNIGHT, MIDNIGHT)] for day in range(7)}, name="24x7")
ELAPSED = Elapsed()
