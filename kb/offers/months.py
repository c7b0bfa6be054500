"""The months in which offers are counted: cut where the company is, in ``settings.TIME_ZONE``.

The same for what a person may give, for what a team has and for the ledger, wherever its reader is.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings


def month_of(at: datetime) -> date:
    """The first day of the month in which ``at`` lies there."""
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date().replace(day=1)


def following(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def begins(month: date) -> datetime:
    """The instant at which a month begins there."""
    return datetime(month.year, month.month, 1, tzinfo=ZoneInfo(settings.TIME_ZONE))
