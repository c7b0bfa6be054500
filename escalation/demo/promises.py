"""What Northlight promises beyond the defaults: by tier, and in the hours of its office."""

from datetime import date, datetime, time, timedelta
from typing import Any

from escalation import publishing
from escalation.defaults import OFFICE_HOURS
from escalation.demo.people import ZONE
from escalation.fallback import HOUR, late_path, soon_path
from escalation.models import Calendar, CalendarException, OpeningHours, Policy, Target
from escalation.sla.values import Metric
from tickets.lifecycle import Status
from tickets.models import Category
from tickets.people.models import Tier

# How long each tier waits for us: for answers, for news, for the end of the matter.
PROMISES = (
    ("Premium", 12, None, 2 * HOUR, 8 * HOUR, 48 * HOUR),
    ("Business", 14, OFFICE_HOURS, 4 * HOUR, 8 * HOUR, 24 * HOUR),
)
QUESTIONS = [Category.Nature.QUESTION.value, Category.Nature.PROBLEM.value]


def open_office(now: datetime) -> None:
    """The office in its own city, closed on New Year's Day; before the defaults, which keep it."""
    office = Calendar.objects.create(name=OFFICE_HOURS, time_zone=ZONE)
    for day in range(5):
        OpeningHours.objects.create(calendar=office, weekday=day, opens=time(9), closes=time(17))
    CalendarException.objects.create(
        calendar=office, date=date(now.year + 1, 1, 1), name="New Year's Day"
    )
    publishing.publish_calendar(calendar=office, now=now)


def promise(now: datetime) -> None:
    """What the tiers' entitlements say, as schedules; after the defaults, whose paths they climb."""
    alarm = {"path": late_path(now), "warning_path": soon_path(now), "warnings": "75%"}
    for tier, order, calendar, answer, news, end in PROMISES:
        policy = Policy.objects.create(name=f"{tier} customers", order=order, natures=QUESTIONS)
        policy.tiers.set(Tier.objects.filter(name=tier))
        counted = Calendar.objects.filter(name=calendar).first()
        for metric, duration in (
            (Metric.FIRST_REPLY, answer), (Metric.NEXT_REPLY, answer), (Metric.CALLBACK, answer),
            (Metric.UPDATE, news), (Metric.RESOLUTION, end),
        ):  # fmt: skip
            _target(policy, metric, duration, calendar=counted, **alarm)
        publishing.publish_policy(policy=policy, now=now)


def _target(policy: Policy, metric: Metric, duration: timedelta, **details: Any) -> None:
    waits = metric in (Metric.NEXT_REPLY, Metric.UPDATE, Metric.RESOLUTION)
    Target.objects.create(
        policy=policy, metric=metric.value, duration=duration,
        pause_on=[Status.PENDING.value] if waits else [],
        attempts=3 if metric is Metric.CALLBACK else 0, **details,
    )  # fmt: skip
