"""How the time of a clock passed, up to its deadline: counted, closed, paused, solved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from escalation.sla.checking import NOTHING
from escalation.sla.state import ClockState, Course, Segment
from escalation.sla.values import CalendarLike, Plan

MANY = 6
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Passing:
    """A piece of a clock's time; `stretches` openings in one piece where there were many."""

    start: datetime
    end: datetime
    course: Course
    status: str
    plan: Plan | None
    used: timedelta = NOTHING
    open: bool = False
    stretches: int = 1
    note: str = ""


def passings(state: ClockState) -> list[Passing]:
    """The time from the start to the deadline; to now where the clock stands still.

    A clock that is running, or was met early, is followed on to its deadline as if nothing more
    happened.
    """
    found: list[Passing] = []
    segments = _until_deadline(state)
    if state.promised_at:  # No plan has a say in it, so a change of plans divides nothing.
        segments = (replace(segment, plan=None) for segment in segments)
    for segment in _joined(segments):
        if segment.course is Course.RUN:
            found.extend(_run(segment))
        else:
            found.append(_piece(segment, segment.start, segment.end))
    return found


def _until_deadline(state: ClockState) -> Iterator[Segment]:
    segments = state.segments
    if state.due_at is None:
        yield from segments
        return
    for index, segment in enumerate(segments):
        end = state.due_at if index + 1 == len(segments) else min(segment.end, state.due_at)
        if segment.start < end:
            yield replace(segment, end=end)


def _joined(segments: Iterator[Segment]) -> Iterator[Segment]:
    """Neighbours that differ in nothing a reader would ask about, as one."""
    last: Segment | None = None
    for segment in segments:
        if last and _alike(last, segment):
            last = replace(last, end=segment.end)
            continue
        if last:
            yield last
        last = segment
    if last:
        yield last


def _alike(one: Segment, other: Segment) -> bool:
    same_pause = one.course is Course.RUN or one.status == other.status
    same_rule = (one.course, one.plan, one.calendar) == (other.course, other.plan, other.calendar)
    return same_pause and same_rule


def _run(segment: Segment) -> Iterator[Passing]:
    openings = segment.calendar.intervals(segment.start, segment.end)
    if len(openings) > MANY:
        used = sum((end - start for start, end in openings), NOTHING)
        first, last = openings[0][0], openings[-1][1]
        yield from _closed(segment, segment.start, first)
        whole = _piece(segment, first, last)
        yield replace(whole, used=used, open=True, stretches=len(openings))
        yield from _closed(segment, last, segment.end)
        return
    at = segment.start
    for start, end in openings:
        yield from _closed(segment, at, start)
        yield replace(_piece(segment, start, end), used=end - start, open=True)
        at = end
    yield from _closed(segment, at, segment.end)


def _closed(segment: Segment, start: datetime, end: datetime) -> Iterator[Passing]:
    if start < end:
        yield replace(_piece(segment, start, end), note=_holidays(segment.calendar, start, end))


def _holidays(calendar: CalendarLike, start: datetime, end: datetime) -> str:
    closure = getattr(calendar, "closure", None)
    if closure is None:
        return ""
    names: dict[str, None] = {}
    while start < end:
        names[closure(start)] = None
        start += DAY
    return ", ".join(name for name in names if name)


def _piece(segment: Segment, start: datetime, end: datetime) -> Passing:
    return Passing(start, end, segment.course, segment.status, segment.plan)
