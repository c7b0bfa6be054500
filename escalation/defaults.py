"""What an installation starts with: calendars, schedules, paths and rules that make sense at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction

from escalation import publishing
from escalation.fallback import (
    A_DAY,
    EXECUTIVES,
    HOUR,
    ensure_fallback,
    ensure_path,
    late_path,
    soon_path,
)
from escalation.models import (
    Action,
    Calendar,
    Condition,
    OpeningHours,
    Path,
    Policy,
    Rule,
    Step,
    Target,
)
from escalation.sla.values import Metric
from tickets.lifecycle import Status
from tickets.models import Category, Tag
from tickets.people.models import Team

Nature = Category.Nature
Who = Step.Who
MINUTES = timedelta(minutes=1)
OFFICE_HOURS = "Office hours"
AROUND_THE_CLOCK = "24x7"
CATEGORIES = (
    ("Product question", Nature.QUESTION),
    ("Problem", Nature.PROBLEM),
    ("Management decision", Nature.MANAGEMENT),
    ("Suggestion", Nature.SUGGESTION),
)
LARGE_ORDER = Decimal(500)


@transaction.atomic
def install_defaults(*, now: datetime) -> None:
    """Adds whatever of the defaults is missing, by name; what exists stays as somebody made it."""
    _team()
    _categories()
    _calendars(now)
    paths = _paths(now)
    _policies(paths, now)
    ensure_fallback(now)
    _rules(paths)


def _team() -> None:
    if not Team.objects.filter(is_default=True).exists():
        first = Team.objects.order_by("pk").first() or Team(name="Support")
        first.is_default = True
        first.save()


def _categories() -> None:
    for name, nature in CATEGORIES:
        if not Category.objects.filter(nature=nature).exists():
            Category.objects.get_or_create(name=name, defaults={"nature": nature})
    if not Category.objects.filter(is_default=True).exists():
        questions = Category.objects.filter(nature=Nature.QUESTION).order_by("pk")
        Category.objects.filter(pk__in=questions[:1].values("pk")).update(is_default=True)


def _calendars(now: datetime) -> None:
    zone = settings.TIME_ZONE
    hours = {day: (time(9), time(17)) for day in range(5)}
    around = {day: (time(0), time(0)) for day in range(7)}
    for name, weekly in ((OFFICE_HOURS, hours), (AROUND_THE_CLOCK, around)):
        calendar, created = Calendar.objects.get_or_create(name=name, defaults={"time_zone": zone})
        if created:
            for day, (opens, closes) in weekly.items():
                OpeningHours.objects.create(
                    calendar=calendar, weekday=day, opens=opens, closes=closes
                )
            publishing.publish_calendar(calendar=calendar, now=now)


def _paths(now: datetime) -> dict[str, Path]:
    late, soon = late_path(now), soon_path(now)
    management = ensure_path(
        "Management decisions",
        now,
        [
            {"who": Who.SUPERVISORS, "repeats": 2, "every": 30 * MINUTES},
            EXECUTIVES | {"delay": HOUR, "repeats": 1, "every": 2 * HOUR},
            {"who": Who.ADMINS, "delay": 4 * HOUR},
        ],
    )
    orders = ensure_path(
        "Large orders",
        now,
        [
            EXECUTIVES | {"repeats": 1, "every": 2 * HOUR},
            {"who": Who.ADMINS, "delay": 4 * HOUR},
        ],
    )
    named = ensure_path(
        "The customer's named person",
        now,
        [
            {"who": Who.NAMED, "repeats": 1, "every": HOUR},
            {"who": Who.SUPERVISORS, "delay": 2 * HOUR},
        ],
    )
    ensure_path(
        "Hand-over to a supervisor",
        now,
        [
            {"who": Who.SUPERVISORS, "repeats": 2, "every": 10 * MINUTES},
            EXECUTIVES | {"delay": 30 * MINUTES},
            {"who": Who.ADMINS, "delay": HOUR},
        ],
        _free(Path.Purpose.HAND_OVER),
    )
    ensure_path(
        "Flagged tickets",
        now,
        [
            {"who": Who.SUPERVISORS, "repeats": 1, "every": 2 * HOUR},
            {"who": Who.ADMINS, "delay": 8 * HOUR},
        ],
        _free(Path.Purpose.FLAG),
    )
    return {"late": late, "soon": soon, "management": management, "orders": orders, "named": named}


def _free(purpose: Path.Purpose) -> Path.Purpose:
    """Only one path serves a purpose; somebody's own choice stays."""
    taken = Path.objects.filter(purpose=purpose).exists()
    return Path.Purpose.GENERAL if taken else purpose


def _policies(paths: dict[str, Path], now: datetime) -> None:
    pending = [Status.PENDING.value]
    waiting = [Status.PENDING.value, Status.ON_HOLD.value]
    alarm = {"path": paths["late"], "warning_path": paths["soon"], "warnings": "75%"}
    _policy(
        "Management decisions", 10, Nature.MANAGEMENT, now,
        [
            {"metric": Metric.FIRST_REPLY, "duration": 4 * HOUR, **alarm},
            {"metric": Metric.NEXT_REPLY, "duration": 4 * HOUR, "pause_on": pending, **alarm},
            {"metric": Metric.CALLBACK, "duration": 4 * HOUR, "attempts": 3, **alarm},
            {"metric": Metric.UPDATE, "duration": A_DAY, "pause_on": pending, **alarm},
            {"metric": Metric.RESOLUTION, "duration": 3 * A_DAY, "pause_on": pending, **alarm},
        ],
    )  # fmt: skip
    _policy(
        "Product questions", 20, Nature.QUESTION, now,
        [
            {"metric": Metric.FIRST_REPLY, "duration": A_DAY, **alarm},
            {"metric": Metric.FIRST_REPLY, "priority": "urgent", "duration": 4 * HOUR, **alarm},
            {"metric": Metric.NEXT_REPLY, "duration": A_DAY, "pause_on": pending, **alarm},
            {"metric": Metric.CALLBACK, "duration": A_DAY, "attempts": 3, **alarm},
            {"metric": Metric.UPDATE, "duration": 2 * A_DAY, "pause_on": pending, **alarm},
            {"metric": Metric.RESOLUTION, "duration": 5 * A_DAY, "pause_on": pending, **alarm},
        ],
    )  # fmt: skip
    _policy(
        "Problems", 30, Nature.PROBLEM, now,
        [
            {"metric": Metric.FIRST_REPLY, "duration": 8 * HOUR, **alarm},
            {"metric": Metric.FIRST_REPLY, "priority": "urgent", "duration": HOUR, **alarm},
            {"metric": Metric.NEXT_REPLY, "duration": 8 * HOUR, "pause_on": pending, **alarm},
            {"metric": Metric.CALLBACK, "duration": 8 * HOUR, "attempts": 3, **alarm},
            {"metric": Metric.UPDATE, "duration": A_DAY, "pause_on": pending, **alarm},
            {"metric": Metric.RESOLUTION, "duration": 3 * A_DAY, "pause_on": waiting, **alarm},
        ],
    )  # fmt: skip
    # Filed, thanked and answered in good time: no target is a real answer, and no alarm.
    silent = (Metric.FIRST_REPLY, Metric.NEXT_REPLY, Metric.UPDATE, Metric.RESOLUTION)
    _policy("Suggestions", 40, Nature.SUGGESTION, now, [{"metric": metric} for metric in silent])


def _policy(
    name: str, order: int, nature: Nature, now: datetime, targets: Sequence[dict[str, Any]]
) -> None:
    policy, created = Policy.objects.get_or_create(
        name=name, defaults={"order": order, "natures": [nature.value]}
    )
    if created:
        for target in targets:
            Target.objects.create(policy=policy, **target | {"metric": target["metric"].value})
        publishing.publish_policy(policy=policy, now=now)


def _rules(paths: dict[str, Path]) -> None:
    _rule(
        "Management decisions at once", 10,
        {"kind": Condition.Kind.NATURE, "nature": Nature.MANAGEMENT},
        [
            {"kind": Action.Kind.FLAG, "text": "Needs a management decision."},
            {"kind": Action.Kind.START_PATH, "path": paths["management"]},
            {"kind": Action.Kind.OWE_CALL},
        ],
    )  # fmt: skip
    _rule(
        "Orders above 500 USD", 20,
        {"kind": Condition.Kind.ORDER_ABOVE, "amount": LARGE_ORDER, "currency": "USD"},
        [
            {"kind": Action.Kind.START_PATH, "path": paths["orders"]},
            {"kind": Action.Kind.ADD_TAG, "tag": "large order"},
        ],
    )  # fmt: skip
    _rule(
        "Named customers", 30,
        {"kind": Condition.Kind.NAMED},
        [{"kind": Action.Kind.START_PATH, "path": paths["named"]}],
    )  # fmt: skip
    publishing.announce()


def _rule(
    name: str, order: int, condition: dict[str, Any], actions: Sequence[dict[str, Any]]
) -> None:
    rule, created = Rule.objects.get_or_create(name=name, defaults={"order": order})
    if created:
        Condition.objects.create(rule=rule, **condition)
        for action in actions:
            Action.objects.create(rule=rule, **_with_tag(action))


def _with_tag(action: dict[str, Any]) -> dict[str, Any]:
    if "tag" not in action:
        return action
    tag = Tag.objects.filter(name__iexact=action["tag"]).first()
    return action | {"tag": tag or Tag.objects.create(name=action["tag"])}
