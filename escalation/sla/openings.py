"""When a calendar opens and closes next, for who reads it now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from escalation.sla.checking import CalendarError
from escalation.sla.hours import Elapsed
from escalation.sla.values import CalendarLike

Opening = tuple[datetime, datetime]

# Further ahead nobody plans a conversation.
AHEAD = timedelta(days=60)
# So many stretches are kept apart; what lies behind them counts as one at the end.
MOST = 40


@dataclass(frozen=True, slots=True)
class Hours:
    """Whether it is open, until when it stays so (None: beyond sight), and what closes it."""

    is_open: bool
    until: datetime | None
    closed_for: str = ""


def hours_at(calendar: CalendarLike, now: datetime) -> Hours:
    """How the calendar stands at ``now``."""
    stretches = _intervals(calendar, now, now + AHEAD)
    if not stretches or stretches[0][0] > now:
        closure = getattr(calendar, "closure", None)
        opens_at = stretches[0][0] if stretches else None
        return Hours(False, opens_at, closure(now) if closure else "")
    closes_at = stretches[0][1]
    return Hours(True, closes_at if closes_at < now + AHEAD else None)


def open_stretches(calendar: CalendarLike, now: datetime, due_at: datetime) -> list[Opening]:
    """What is open until the deadline, in at most so many stretches that last as long together."""
    if isinstance(calendar, Elapsed) or due_at <= now:
        return []
    stretches = list(_intervals(calendar, now, due_at))
    if len(stretches) <= MOST:
        return stretches
    rest = sum((end - start for start, end in stretches[MOST:]), timedelta(0))
    return [*stretches[:MOST], (due_at - rest, due_at)]


def _intervals(calendar: CalendarLike, start: datetime, end: datetime) -> Sequence[Opening]:
    try:
        return calendar.intervals(start, end)
    except CalendarError:
        return []
