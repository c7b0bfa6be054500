"""Durations and warning points as people type them: «24 h», «30 min», «75%, 30 min before»."""

import re
from datetime import timedelta
from decimal import Decimal

from escalation.sla.values import Threshold

LONGEST = timedelta(days=5 * 365)
LONGEST_WORDS = "5 years"
_UNITS = {
    "s": 1,
    "sec": 1,
    "second": 1,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hr": 3600,
    "hour": 3600,
    "d": 86400,
    "day": 86400,
    "w": 604800,
    "week": 604800,
}
# So many digits that their product with a unit is exact in Decimal's 28.
_PART = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?)\s*([a-z]+)[\s,]*", re.ASCII)
_HINT = "write it like 30 min, 24 h or 2 days"
_DAYS = re.compile(r"[0-9]\s*(?:d|days?|w|weeks?)(?![a-z])", re.ASCII)


class DurationError(ValueError):
    """The text is no duration; the message says what would be."""


def parse(text: str) -> timedelta:
    """«1 h 30 min» as a timedelta of whole seconds. Raises DurationError."""
    clean = " ".join(text.lower().split())
    if clean == "0":
        return timedelta(0)
    parts = _parts(clean)
    if not parts:
        raise DurationError(f"«{_short(text)}» is not a duration: {_HINT}.")
    seconds = sum((_seconds(*part) for part in parts), Decimal(0))
    if seconds > LONGEST.total_seconds():
        raise DurationError(f"«{_short(text)}» is longer than {LONGEST_WORDS}.")
    if seconds != int(seconds):
        raise DurationError(f"«{_short(text)}» is not a whole number of seconds.")
    return timedelta(seconds=int(seconds))


def counts_days(text: str) -> bool:
    """Whether days or weeks are named, which say nothing clear about open hours."""
    return bool(_DAYS.search(text.lower()))


def words(duration: timedelta, *, open_hours: bool = False) -> str:
    """The shortest way to write it that ``parse`` reads back: 90 s, 30 min, 24 h, 3 days.

    Open hours are never called days.
    """
    seconds = int(duration.total_seconds())
    if not open_hours and seconds >= 2 * 86400 and seconds % 86400 == 0:
        return f"{seconds // 86400} days"
    parts = []
    for size, unit in ((3600, "h"), (60, "min"), (1, "s")):
        amount, seconds = divmod(seconds, size)
        if amount:
            parts.append(f"{amount} {unit}")
    return " ".join(parts) or "0"


def parse_warnings(text: str) -> tuple[Threshold, ...]:
    """«75%, 30 min before» as thresholds. Raises DurationError naming the part that is wrong."""
    parts = [part.strip().lower() for part in text.split(",") if part.strip()]
    found = tuple(_threshold(part) for part in parts)
    if len({each.key for each in found}) < len(found):
        raise DurationError("The same warning stands here twice.")
    return found


def warning_words(threshold: Threshold) -> str:
    if threshold.before is None:
        return f"{threshold.percent}%"
    return f"{words(threshold.before)} before"


def _threshold(part: str) -> Threshold:
    percent = re.fullmatch(r"([0-9]{1,3})\s*%", part, re.ASCII)
    try:
        if percent:
            return Threshold(percent=int(percent[1]))
        if part.endswith("before"):
            return Threshold(before=parse(part.removesuffix("before")))
    except DurationError:
        raise
    except ValueError as problem:
        raise DurationError(f"«{_short(part)}»: {problem}") from problem
    raise DurationError(f"«{_short(part)}» is no warning: write it like 75% or 30 min before.")


def _parts(text: str) -> list[tuple[str, str]]:
    """Every amount with its unit; none at all where anything of the text is left over."""
    found, read = [], 0
    while part := _PART.match(text, read):
        found.append((part[1], part[2]))
        read = part.end()
    return found if read == len(text) else []


def _seconds(amount: str, unit: str) -> Decimal:
    size = _UNITS.get(unit) or _UNITS.get(unit.removesuffix("s"))
    if size is None:
        raise DurationError(f"«{_short(unit)}» is no unit of time: {_HINT}.")
    return Decimal(amount) * size


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
