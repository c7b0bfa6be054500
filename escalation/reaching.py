"""What hours can reach: promises that no clock could keep, levels told in the wrong order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from escalation.models import Calendar, Step, Target
from escalation.sla import wording
from escalation.sla.checking import CalendarError
from escalation.sla.hours import ELAPSED
from escalation.sla.values import CalendarLike

HOUR = timedelta(hours=1)
# A fortnight of starts: every hour of the week, and the week after where a holiday hides one.
STARTS = 14 * 24


@dataclass(frozen=True, slots=True)
class Delay:
    """When a level is told first: ``length`` after the climb began, in ``calendar`` or elapsed."""

    level: int
    length: timedelta
    calendar: CalendarLike | None


def reaches(calendar: CalendarLike | None, length: timedelta, now: datetime) -> bool:
    """Whether so much time ever passes in these hours, from ``now`` on."""
    try:
        (calendar or ELAPSED).add(now, length)
    except CalendarError:
        return False
    return True


def out_of_reach(calendar: Calendar, hours: CalendarLike, now: datetime) -> list[str]:
    """What is counted by ``calendar`` and would never come with these ``hours``, in words."""
    counted = _counted_by(calendar)
    return list(dict.fromkeys(said for said, length in counted if not reaches(hours, length, now)))


def told_too_early(delays: Sequence[Delay], now: datetime) -> str:
    """Why a higher level would be told before a lower one, in words; empty where none ever is.

    Each in its own hours, so it depends on when a climb begins: every hour of a fortnight is tried.
    """
    ordered = sorted(delays, key=lambda each: each.level)
    for lower, higher in pairwise(ordered):
        early = f"Level {higher.level} would be told before level {lower.level}"
        if lower.calendar == higher.calendar:
            if higher.length < lower.length:
                return f"{early}: delays count from the start of the climb."
        elif start := _overtaken(lower, higher, now):
            zone = (lower.calendar or higher.calendar or ELAPSED).zone
            when = wording.exact(start, ZoneInfo(zone))
            return (
                f"{early} in a climb that begins {when}, because they do not count the same hours. "
                f"Count both alike, or let level {higher.level} wait longer."
            )
    return ""


def _overtaken(lower: Delay, higher: Delay, now: datetime) -> datetime | None:
    first = now.replace(minute=0, second=0, microsecond=0)
    starts = (first + HOUR * hour for hour in range(STARTS))
    return next((at for at in starts if _told(higher, at) < _told(lower, at)), None)


def _told(delay: Delay, start: datetime) -> datetime:
    return (delay.calendar or ELAPSED).add(start, delay.length)


def _counted_by(calendar: Calendar) -> Iterator[tuple[str, timedelta]]:
    targets = Target.objects.filter(calendar=calendar, duration__isnull=False)
    for target in targets.select_related("policy").order_by("policy", "pk"):
        name = target.get_metric_display().lower()
        yield from _named(f"the {name} of «{target.policy}»", [target.duration])
    steps = Step.objects.filter(calendar=calendar).select_related("path").order_by("path", "level")
    for step in steps:
        lengths = [step.delay, step.every * step.repeats if step.every else None]
        yield from _named(f"level {step.level} of «{step.path}»", lengths)


def _named(what: str, lengths: Iterable[timedelta | None]) -> Iterator[tuple[str, timedelta]]:
    yield from ((what, length) for length in lengths if length is not None)
