"""The schedule for every ticket that no other schedule fits, and the path it climbs when late."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from escalation import publishing
from escalation.models import Path, Policy, Step, Target
from escalation.sla.values import Metric
from tickets.people.models import User

FALLBACK = "Everything else"
LATE = "Late answers"
SOON = "Due soon"
A_DAY = timedelta(hours=24)
HOUR = timedelta(hours=1)
Who = Step.Who
EXECUTIVES: dict[str, Any] = {"who": Who.ROLE, "role": User.Role.EXECUTIVE}


def ensure_fallback(now: datetime) -> Policy:
    """The one fallback policy. Made here, it promises an answer within a day."""
    found = Policy.objects.filter(is_fallback=True).first()
    if found is None:
        found = _create(now)
    if not found.versions.exists():
        publishing.publish_policy(policy=found, now=now)
    return found


def late_path(now: datetime) -> Path:
    """Supervisors at once, executives after two hours, administrators after a day."""
    return ensure_path(
        LATE,
        now,
        [
            {"who": Who.SUPERVISORS, "repeats": 1, "every": HOUR},
            EXECUTIVES | {"delay": 2 * HOUR},
            {"who": Who.ADMINS, "delay": A_DAY},
        ],
    )


def soon_path(now: datetime) -> Path:
    """Whoever works on it; its supervisors where nobody does, or half an hour later."""
    steps: list[dict[str, Any]] = [
        {"who": Who.ASSIGNEE},
        {"who": Who.SUPERVISORS, "delay": HOUR / 2},
    ]
    return ensure_path(SOON, now, steps)


def ensure_path(
    name: str,
    now: datetime,
    steps: Sequence[dict[str, Any]],
    purpose: Path.Purpose = Path.Purpose.GENERAL,
) -> Path:
    """The path of this name; made and published where it is missing, else left as it is."""
    path, created = Path.objects.get_or_create(name=name, defaults={"purpose": purpose})
    if created:
        for level, step in enumerate(steps, 1):
            Step.objects.create(path=path, level=level, **{"delay": timedelta(0)} | step)
        publishing.publish_path(path=path, now=now)
    return path


def _create(now: datetime) -> Policy:
    taken = Policy.objects.filter(name=FALLBACK).exists()
    name = f"{FALLBACK} (fallback)" if taken else FALLBACK
    try:
        with transaction.atomic():
            made = Policy.objects.create(name=name, order=1000, is_fallback=True)
            late, soon = late_path(now), soon_path(now)
            for metric in (Metric.FIRST_REPLY, Metric.NEXT_REPLY):
                Target.objects.create(
                    policy=made, metric=metric, duration=A_DAY, warnings="75%", path=late,
                    warning_path=soon,
                )  # fmt: skip
            return made
    except IntegrityError:  # another process made it just now
        return Policy.objects.get(is_fallback=True)
