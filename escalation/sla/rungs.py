"""The rungs of a path: every telling it will ever do, and which one comes next."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from escalation.sla.checking import CalendarError
from escalation.sla.hours import ELAPSED
from escalation.sla.values import Path, Step


class StepKind(StrEnum):
    WARNING = "warning"
    BREACH = "breach"
    STEP = "step"
    ENDLESS = "endless"


@dataclass(frozen=True, slots=True)
class StepKey:
    """What acts exactly once per clock and cycle (rule 12).

    `key` is the threshold's key for a warning, the level for a step, else empty; `repeat` is 0 for
    the first time.
    """

    kind: str
    key: str = ""
    repeat: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """The next thing to happen, at `at`: store it as the instant to look again.

    Until it is past, a breach is due one microsecond after its deadline, the first instant at
    which the promise is broken; afterwards `at` is the true instant of the breach.
    `passed_over` are overdue rungs to record but not to send (rule 11).
    """

    key: StepKey
    at: datetime
    level: int | None = None
    passed_over: tuple[StepKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Rung:
    at: datetime
    level: int
    repeat: int

    @property
    def key(self) -> StepKey:
        return StepKey(StepKind.STEP, str(self.level), self.repeat)

    @property
    def height(self) -> tuple[int, datetime, int]:
        return (self.level, self.at, self.repeat)

    def due(self, passed_over: tuple[StepKey, ...] = ()) -> Due:
        return Due(self.key, self.at, self.level, passed_over)


def rungs(path: Path, started_at: datetime) -> list[Rung]:
    """All rungs in the order of time, then of level.

    Delays count from the start of the climb; those of a continuation from the last rung before it,
    whatever calendars led there (rule 13).
    """
    found: list[Rung] = []
    for step in path.steps:
        before = (rung.at for rung in found if rung.level <= step.after)
        found.extend(_tellings(step, max(before, default=started_at)))
    return sorted(found, key=lambda rung: (rung.at, rung.level))


def next_rung(
    path: Path,
    started_at: datetime,
    done: Collection[StepKey],
    now: datetime,
) -> Due | None:
    """The next telling of a climb that began at `started_at`, or None when it is over.

    Of several overdue rungs the highest level's
    latest is told, together with others of that same instant; the earlier and lower ones are
    passed over (rule 11). A rung below one that was already told never comes back.
    """
    every = rungs(path, started_at)
    open_rungs = _not_yet_told(every, done)
    overdue = [rung for rung in open_rungs if rung.at <= now]
    if not overdue:
        return open_rungs[0].due() if open_rungs else None
    top = max(overdue, key=lambda rung: rung.height)
    chosen = [rung for rung in overdue if rung.at == top.at]
    passed_over = tuple(rung.key for rung in overdue if rung.at != top.at)
    return chosen[0].due(passed_over)


def _tellings(step: Step, since: datetime) -> Iterator[Rung]:
    first = _told_at(step, since, step.delay)
    yield Rung(first, step.level, 0)
    for repeat in range(1, step.repeats + 1 if step.every else 1):
        again = _told_at(step, first, step.every * repeat) if step.every else first
        yield Rung(again, step.level, repeat)


def _told_at(step: Step, since: datetime, length: timedelta) -> datetime:
    """By the clock on the wall where the step's hours never add up to it: better early than never."""
    try:
        return (step.calendar or ELAPSED).add(since, length)
    except CalendarError:
        return ELAPSED.add(since, length)


def _not_yet_told(every: list[Rung], done: Collection[StepKey]) -> list[Rung]:
    told = [rung for rung in every if rung.key in done]
    return [
        rung
        for rung in every
        if rung.key not in done
        and not any(rung.level <= other.level and rung.at < other.at for other in told)
    ]
