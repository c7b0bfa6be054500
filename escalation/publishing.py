"""Publishing what an admin changed: a new version where it differs, and everybody's caches told."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from escalation import specs
from escalation.models import (
    Calendar,
    CalendarVersion,
    Clock,
    Escalation,
    Path,
    PathVersion,
    Policy,
    PolicyVersion,
    Revision,
)
from escalation.models.clocks import LIVE
from tickets.models import Ticket
from tickets.people.models import User

AT_ONCE = 500


def announce() -> None:
    """Tells every process that what it has cached of the configuration is old."""
    Revision.objects.update_or_create(id=1, defaults={"token": uuid.uuid4()})


@transaction.atomic
def publish_calendar(
    *, calendar: Calendar, now: datetime, actor: User | None = None
) -> CalendarVersion | None:
    """Makes the calendar's rows count from ``now`` on (rule 8); None when nothing differs.

    Running deadlines that it counts are looked at again by the next sweep. Raises CalendarError.
    """
    spec = specs.of_calendar(calendar, calendar.hours.all(), calendar.exceptions.all())
    specs.work_calendar(spec)
    last = calendar.versions.order_by("number").last()
    if last and last.spec == spec:
        return None
    version = CalendarVersion.objects.create(
        calendar=calendar, number=_next(last), effective_at=now, spec=spec,
        made_by=actor,
    )  # fmt: skip
    announce()
    if last:
        _recount(calendar, now)
    return version


@transaction.atomic
def publish_policy(
    *, policy: Policy, now: datetime, actor: User | None = None
) -> PolicyVersion | None:
    """Makes the policy's rows hold for tickets opened from now on; None when nothing differs.

    Order and activity are not part of a version: they count at once for matching.
    """
    announce()
    spec = specs.of_policy(policy)
    last = policy.versions.order_by("number").last()
    if last and last.spec == spec:
        return None
    return PolicyVersion.objects.create(
        policy=policy, number=_next(last), made_at=now, made_by=actor, spec=spec
    )


@transaction.atomic
def publish_path(*, path: Path, now: datetime, actor: User | None = None) -> PathVersion | None:
    """Makes the path's rows hold for climbs that begin from now on, also where it is continued."""
    announce()
    version = _publish_path(path, now, actor)
    for other in Path.objects.exclude(pk=path.pk).exclude(continues_with=None):
        if path.pk in specs.of_path(other)["paths"]:
            _publish_path(other, now, actor)
    return version


@transaction.atomic
def withdraw_paths(
    *, paths: QuerySet[Path], now: datetime, actor: User | None = None
) -> list[Path]:
    """Deletes them; what continued with one ends before it, for climbs that begin from now on.

    Returns those paths. Raises ProtectedError where a schedule or a rule still starts one.
    """
    gone = set(paths.values_list("pk", flat=True))
    others = Path.objects.exclude(pk__in=gone).exclude(continues_with=None).order_by("pk")
    cut = [path for path in others if gone & set(specs.of_path(path)["paths"])]
    Path.objects.filter(pk__in=gone).delete()
    announce()
    for path in Path.objects.filter(pk__in=[each.pk for each in cut]).order_by("pk"):
        _publish_path(path, now, actor)
    return cut


def _publish_path(path: Path, now: datetime, actor: User | None) -> PathVersion | None:
    spec = specs.of_path(path)
    last = path.versions.order_by("number").last()
    if last and last.spec == spec:
        return None
    return PathVersion.objects.create(
        path=path, number=_next(last), made_at=now, made_by=actor, spec=spec
    )


def _next(last: CalendarVersion | PolicyVersion | PathVersion | None) -> int:
    return last.number + 1 if last else 1


def _recount(calendar: Calendar, now: datetime) -> None:
    """Has the sweep look again at every live clock and open climb that this calendar counts."""
    policies = [v.pk for v in PolicyVersion.objects.all() if _counts(v.spec["targets"], calendar)]
    paths = [v.pk for v in PathVersion.objects.all() if _counts(v.spec["steps"], calendar)]
    clocks = Clock.objects.filter(version__in=policies, state__in=LIVE, parked_at=None)
    climbs = Escalation.objects.filter(path_version__in=paths, next_step_at__isnull=False)
    look_again(
        Q(clocks__in=clocks) | Q(escalations__in=climbs), clocks=clocks, climbs=climbs, now=now
    )


def look_again(
    whose: Q, *, clocks: QuerySet[Clock], climbs: QuerySet[Escalation], now: datetime
) -> None:
    """Marks rows as due now. Their tickets are locked first: a replay under way ends before."""
    found = Ticket.objects.filter(whose).order_by("pk").values_list("pk", flat=True).distinct()
    tickets = list(found)
    for start in range(0, len(tickets), AT_ONCE):
        chunk = tickets[start : start + AT_ONCE]
        _lock(chunk)
        clocks.filter(ticket__in=chunk).update(next_step_at=now)
        climbs.filter(ticket__in=chunk).update(next_step_at=now)


def _lock(chunk: Iterable[int]) -> None:
    list(
        Ticket.objects.select_for_update(no_key=True)
        .filter(pk__in=chunk)
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def _counts(parts: list[specs.Spec], calendar: Calendar) -> bool:
    return any(part["calendar"] == calendar.pk for part in parts)
