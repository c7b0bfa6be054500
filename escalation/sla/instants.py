"""What may be asked of a calendar: aware instants, the right way round, before the end of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from escalation.sla.checking import NOTHING, CalendarError


def aware(at: datetime) -> datetime:
    """The instant in UTC, where arithmetic is arithmetic (rule 1). Refuses a naive datetime."""
    if at.tzinfo is None:
        raise CalendarError("naive", f"{at} has no time zone.")
    return at.astimezone(UTC)


def ordered(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    start, end = aware(start), aware(end)
    if end < start:
        raise CalendarError("backwards", f"{end} comes before {start}.")
    return start, end


def refuse_negative(duration: timedelta) -> None:
    if duration < NOTHING:
        raise CalendarError("negative", f"A duration cannot be negative: {duration}.")


def beyond_time() -> CalendarError:
    return CalendarError("beyond_time", "These hours never add up to this duration.")
