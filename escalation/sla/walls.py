"""Wall clocks: from local opening spans to instants, through both daylight-saving nights."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from escalation.sla.checking import DAY, NOTHING, Span

SECOND = timedelta(seconds=1)


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) at which the zone's clocks show this naive wall time or are past it.

    That makes a skipped time the moment of the jump and a repeated one its first occurrence, so a
    later wall time is never an earlier instant.
    """
    before = _offset(wall.replace(tzinfo=zone, fold=0))
    after = _offset(wall.replace(tzinfo=zone, fold=1))
    if before >= after:
        return (wall - before).replace(tzinfo=UTC)
    return _jump((wall - after).replace(tzinfo=UTC), (wall - before).replace(tzinfo=UTC), zone)


def union(spans: Iterable[Span]) -> list[Span]:
    """The same time as ordered spans that neither overlap nor touch."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def subtract(spans: Iterable[Span], holes: Iterable[Span]) -> list[Span]:
    """The spans without the time of the holes."""
    left = list(spans)
    for hole_start, hole_end in holes:
        pieces = []
        for start, end in left:
            pieces.append((start, min(end, hole_start)))
            pieces.append((max(start, hole_end), end))
        left = [(start, end) for start, end in pieces if start < end]
    return left


def within_day(own: Iterable[Span], day_before: Iterable[Span]) -> list[Span]:
    """What falls on a day: its own spans until midnight and what spills over into it."""
    spilled = [(NOTHING, end - DAY) for _, end in day_before if end > DAY]
    return [*spilled, *((start, min(end, DAY)) for start, end in own)]


def _jump(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The transition after `low` and not after `high`; clocks change on whole seconds."""
    low = low.replace(microsecond=0)
    earlier = _offset(low.astimezone(zone))
    while high - low > SECOND:
        middle = low + timedelta(seconds=(high - low) // SECOND // 2)
        if _offset(middle.astimezone(zone)) == earlier:
            low = middle
        else:
            high = middle
    return low + SECOND


def _offset(at: datetime) -> timedelta:
    return at.utcoffset() or NOTHING
