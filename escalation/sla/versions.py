"""A calendar that was edited: each version counts from its instant on (rule 8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from escalation.sla.checking import NOTHING, CalendarError
from escalation.sla.instants import aware, ordered, refuse_negative
from escalation.sla.values import CalendarLike

Opening = tuple[datetime, datetime]


class CalendarHistory:
    """The versions of one calendar as one calendar; before the second's instant the first counts.

    Of two versions with the same instant the later in the sequence holds. Raises CalendarError
    when there is no version at all.
    """

    def __init__(self, versions: Sequence[tuple[datetime, CalendarLike]]) -> None:
        if not versions:
            raise CalendarError("empty", "A calendar needs at least one version.")
        latest = {aware(at): calendar for at, calendar in versions}
        self.versions = tuple(sorted(latest.items(), key=lambda each: each[0]))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CalendarHistory) and self.versions == other.versions

    def __hash__(self) -> int:
        return hash(self.versions)

    @property
    def name(self) -> str:
        return self.versions[-1][1].name

    @property
    def zone(self) -> str:
        return self.versions[-1][1].zone

    def at(self, at: datetime) -> CalendarLike:
        """The version in force at an instant."""
        return next(self._reigns(aware(at)))[0]

    def add(self, start: datetime, duration: timedelta) -> datetime:
        """As `WorkCalendar.add`, each version counting while it was in force."""
        refuse_negative(duration)
        left = duration
        for calendar, since, until in self._reigns(aware(start)):
            if until is None:
                return calendar.add(since, left)
            open_time = calendar.between(since, until)
            if left <= open_time:
                reached = calendar.add(since, left)
                if reached <= until and (left > NOTHING or reached < until):
                    return reached
            left -= open_time
        raise AssertionError("the last version has no end")

    def between(self, start: datetime, end: datetime) -> timedelta:
        start, end = ordered(start, end)
        total = NOTHING
        for calendar, since, until in self._reigns(start, end):
            total += calendar.between(since, end if until is None else min(until, end))
        return total

    def is_open(self, at: datetime) -> bool:
        return self.at(at).is_open(at)

    def intervals(self, start: datetime, end: datetime) -> list[Opening]:
        start, end = ordered(start, end)
        found: list[Opening] = []
        for calendar, since, until in self._reigns(start, end):
            for opening, closing in calendar.intervals(since, min(until or end, end)):
                if found and found[-1][1] == opening:
                    opening = found.pop()[0]
                found.append((opening, closing))
        return found

    def closure(self, at: datetime) -> str:
        """The name of the holiday that closes this instant's local date, or nothing."""
        name = getattr(self.at(at), "closure", None)
        return str(name(at)) if name else ""

    def _reigns(
        self, start: datetime, end: datetime | None = None
    ) -> Iterator[tuple[CalendarLike, datetime, datetime | None]]:
        for index, (since, calendar) in enumerate(self.versions):
            last = index + 1 == len(self.versions)
            until = None if last else self.versions[index + 1][0]
            if until is not None and until <= start:
                continue
            since = start if index == 0 else max(since, start)
            if end is not None and since > end:
                return
            yield calendar, since, until
