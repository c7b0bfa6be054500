"""Days and spans as people type them: 2026-03-03, 2026-03, >2026-01-01, 7d, yesterday; pure."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 1900, 2199
_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")
_AGO = re.compile(r"([0-9]{1,4})(h|d|w|m|y)")
_UNITS = {
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "m": timedelta(days=30),
    "y": timedelta(days=365),
}
_NEAR = {"today": 0, "yesterday": 1}
# From this instant (included) until that one (excluded); None where that side is open.
Span = tuple[datetime | None, datetime | None]


def span(text: str, *, now: datetime, zone: ZoneInfo) -> Span:
    """What ``text`` means in ``zone``. Raises ValueError, with a sentence, where it means nothing."""
    said = text.strip().lower()
    if ".." in said:
        first, _, last = said.partition("..")
        begins = _day(first, now, zone)[0] if first or not last else None
        return begins, _day(last, now, zone)[1] if last else None
    sign = re.match("[<>]=?", said)
    rest = said[sign.end() :] if sign else said
    if ago := _AGO.fullmatch(rest):
        return _aged(sign[0] if sign else "<", rest, int(ago[1]) * _UNITS[ago[2]], now)
    begins, ends = _day(rest, now, zone)
    sides: dict[str, Span] = {
        "": (begins, ends), ">": (ends, None), ">=": (begins, None),
        "<": (None, begins), "<=": (None, ends),
    }  # fmt: skip
    return sides[sign[0] if sign else ""]


def _aged(sign: str, text: str, age: timedelta, now: datetime) -> Span:
    """«7d» and «<7d» are younger than that, «>7d» is older."""
    if age.days // 365 > now.year - FIRST_YEAR:
        raise ValueError(f"«{text}» reaches back to before the year {FIRST_YEAR}.")
    at = now - age
    return (None, at) if sign.startswith(">") else (at, None)


def _day(text: str, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Where a day, a month or a year begins and ends in ``zone``."""
    if text in _NEAR:
        day = now.astimezone(zone).date() - timedelta(days=_NEAR[text])
        return _midnight(day, zone), _midnight(day + timedelta(days=1), zone)
    found = _DAY.fullmatch(text)
    if not found:
        raise ValueError(
            f"«{text}» is no day; write 2026-03-31, 2026-03, >2026-01-31, 7d or today."
        )
    year, month, day_of_month = (int(each) if each else None for each in found.groups())
    if year is None or not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"Use a year from {FIRST_YEAR} to {LAST_YEAR}.")
    try:
        first = date(year, month or 1, day_of_month or 1)
    except ValueError:
        raise ValueError(f"There is no day «{text}».") from None
    return _midnight(first, zone), _midnight(_after(first, month, day_of_month), zone)


def _after(first: date, month: int | None, day: int | None) -> date:
    if day:
        return first + timedelta(days=1)
    if month:
        return (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return first.replace(year=first.year + 1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)
