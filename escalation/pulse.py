"""The system's own pulse: how old the last sweep is, and what is overdue although it swept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min, Q

from escalation.models import Clock, Escalation, Pulse

SWEEP = "sweep"
STALE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Reading:
    """``age`` None: nothing has swept yet. ``overdue`` is how long the oldest due row waits."""

    age: timedelta | None
    overdue: timedelta
    parked: int

    @property
    def problems(self) -> list[str]:
        """What is wrong, in words; empty when all is well."""
        found = []
        if self.age is None:
            found.append("No sweep has run yet: deadlines are not watched.")
        elif self.age > STALE:
            found.append(f"Deadlines were last checked {_span(self.age)} ago.")
        if self.overdue > STALE:
            found.append(f"A step has been due for {_span(self.overdue)} and was not taken.")
        return found

    @property
    def warnings(self) -> list[str]:
        if not self.parked:
            return []
        what = (
            "1 clock or escalation" if self.parked == 1 else f"{self.parked} clocks or escalations"
        )
        return [f"{what} failed again and again and was set aside; an admin has to look."]


def beat(*, at: datetime, took: timedelta, acted: int) -> None:
    """Writes down that a sweep has run."""
    fields = {"at": at, "took": took, "acted": acted}
    if not Pulse.objects.filter(name=SWEEP).update(**fields):
        Pulse.objects.update_or_create(name=SWEEP, defaults=fields)


def read(now: datetime) -> Reading:
    last = Pulse.objects.filter(name=SWEEP).values_list("at", flat=True).first()
    due = Q(next_step_at__lte=now)
    oldest = [
        model.objects.filter(due).aggregate(at=Min("next_step_at"))["at"]
        for model in (Clock, Escalation)
    ]
    since = min((at for at in oldest if at), default=now)
    parked = sum(
        model.objects.filter(parked_at__isnull=False).count() for model in (Clock, Escalation)
    )
    return Reading(
        age=None if last is None else max(timedelta(0), now - last),
        overdue=max(timedelta(0), now - since),
        parked=parked,
    )


def _span(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
