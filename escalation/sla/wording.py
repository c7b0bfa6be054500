"""How instants, durations and targets read in an explanation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

from escalation.sla.values import Metric, Target

METRICS = {
    Metric.FIRST_REPLY: "first reply",
    Metric.NEXT_REPLY: "next reply",
    Metric.UPDATE: "update",
    Metric.RESOLUTION: "resolution",
    Metric.CALLBACK: "callback",
    Metric.EXPERT_ANSWER: "expert's answer",
}
SECOND = timedelta(seconds=1)
STATUSES = {"on_hold": "on hold"}


def moment(at: datetime, zone: ZoneInfo) -> str:
    """`Fri 6 Mar 16:30`, in the reader's zone, with seconds only where there are any."""
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b} {_clock(local)}"


def exact(at: datetime, zone: ZoneInfo) -> str:
    """`Mon 9 Mar 2026 09:30 EDT`: an instant that can be read alone."""
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y} {_clock(local)} {local:%Z}"


def stretch(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """`Fri 6 Mar 16:30 – 17:00`, the second day named only when it is another."""
    same_day = start.astimezone(zone).date() == end.astimezone(zone).date()
    last = _clock(end.astimezone(zone)) if same_day else moment(end, zone)
    return f"{moment(start, zone)} – {last}"


def amount(duration: timedelta) -> str:
    """`2 h 30 min`: hours stay hours, because a business day is not 24 of them; seconds are whole."""
    if duration < timedelta(0):
        return f"-{amount(-duration)}"
    minutes, seconds = divmod(duration // SECOND, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    if seconds or (duration and duration < SECOND):
        parts.append(f"{seconds} s")
    return " ".join(part for part in parts if part) or "0 min"


def amounts(durations: Sequence[timedelta], fraction: timedelta) -> list[timedelta]:
    """``durations`` in whole seconds, such that they add up to the whole seconds of their sum.

    ``fraction`` is the part of a second at which the first began: then each agrees with the
    instants printed beside it, too.
    """
    ends = [each // SECOND * SECOND for each in accumulate(durations, initial=fraction)]
    return [end - start for start, end in pairwise(ends)]


def status(name: str) -> str:
    return STATUSES.get(name, name)


def promise(target: Target) -> str:
    """`first reply within 4 h`."""
    if target.duration is None:
        return f"{METRICS[target.metric]} without a target"
    return f"{METRICS[target.metric]} within {amount(target.duration)}"


def hours_of(target: Target) -> str:
    """`counted in Office hours (America/New_York)`."""
    if target.calendar is None:
        return "elapsed time, nights and weekends included"
    return f"counted in {target.calendar.name or 'business hours'} ({target.calendar.zone})"


def endless(target: Target) -> str:
    """`the open hours of Mondays only (UTC) never add up to 10000 h`."""
    calendar = target.calendar.name if target.calendar else ""
    length = amount(target.duration or timedelta(0))
    return f"the open hours of {calendar or 'its calendar'} never add up to {length}"


def same_second(one: datetime, two: datetime) -> bool:
    """Whether both read alike."""
    return one.replace(microsecond=0) == two.replace(microsecond=0)


def _clock(local: datetime) -> str:
    """To the second, rounded down: what is later never reads as earlier, a deadline never as later."""
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
