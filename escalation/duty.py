"""Whether a team is at work, by the calendar it keeps; one that keeps none always is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from escalation import loading
from escalation.models import TeamHours
from escalation.sla import wording
from escalation.sla.hours import CalendarError
from tickets.people.models import Team

MOMENT = timedelta(microseconds=1)


def closed(team: Team, now: datetime, **_: Any) -> str:
    """«Support is closed until Mon 9 Mar 09:00», in the calendar's zone; empty while it is open."""
    number = TeamHours.objects.filter(team=team).values_list("calendar", flat=True).first()
    calendar = loading.current().calendar(number)
    if calendar is None or calendar.is_open(now):
        return ""
    try:
        opens = calendar.add(now, MOMENT) - MOMENT
    except CalendarError:
        return f"{team.name} is closed"
    return f"{team.name} is closed until {wording.moment(opens, ZoneInfo(calendar.zone))}"
