"""A small world for the engine's tests: a New York office, its clock and its usual plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from escalation.sla.clock import ClockState, replay
from escalation.sla.hours import WorkCalendar
from escalation.sla.values import Fact, FactKind, Metric, Path, Plan, Step, Target, Threshold

NEW_YORK = ZoneInfo("America/New_York")
OFFICE_DAYS = {day: [(time(9), time(17))] for day in range(5)}
OFFICE = WorkCalendar("America/New_York", OFFICE_DAYS, name="Office hours")

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
MICROSECOND = timedelta(microseconds=1)


def ny(month: int, day: int, hour: int = 0, minute: int = 0, fold: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=NEW_YORK, fold=fold).astimezone(UTC)


def hours(amount: float) -> timedelta:
    return timedelta(hours=amount)


def fact(kind: FactKind, at: datetime, **details: object) -> Fact:
    return replace(Fact(kind, at, at), **details)


def opened(at: datetime) -> Fact:
    return fact(FactKind.OPENED, at)


def message(at: datetime) -> Fact:
    return fact(FactKind.CUSTOMER_MESSAGE, at)


def reply(at: datetime) -> Fact:
    return fact(FactKind.REPLY_RELEASED, at)


def status(at: datetime, name: str) -> Fact:
    return fact(FactKind.STATUS, at, status=name)


def target(metric: Metric, amount: timedelta | None, **details: object) -> Target:
    return replace(Target(metric, amount, OFFICE), **details)


def plan(at: datetime, *targets: Target, **details: object) -> Plan:
    return replace(Plan(at, {each.metric: each for each in targets}), **details)


def clock(
    facts: Iterable[Fact],
    plans: Iterable[Plan],
    now: datetime,
    metric: Metric,
    cycle: int = 1,
    subject: str = "",
) -> ClockState:
    """The one clock of this metric, cycle and subject."""
    (found,) = (
        state
        for state in replay(list(facts), list(plans), now)
        if (state.metric, state.cycle, state.subject) == (metric, cycle, subject)
    )
    return found


WARN_90 = Threshold(percent=90)
CHAIN = Path(
    "chain",
    (
        Step(1, timedelta(0), label="Team lead"),
        Step(2, timedelta(minutes=15), label="Supervisor"),
        Step(3, timedelta(hours=1), label="Director"),
    ),
)
