"""What an admin typed, as the JSON that a version keeps, and back into the engine's values."""

from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from typing import Any

from escalation.durations import parse_warnings
from escalation.models import Calendar, CalendarException, OpeningHours, Path, Policy, Step, Target
from escalation.sla.hours import CalendarException as Exceptional
from escalation.sla.hours import WorkCalendar
from escalation.sla.values import Threshold

Spec = dict[str, Any]


def of_calendar(
    calendar: Calendar, hours: Iterable[OpeningHours], exceptions: Iterable[CalendarException]
) -> Spec:
    weekly: dict[str, list[list[str]]] = {}
    for row in hours:
        weekly.setdefault(str(row.weekday), []).append(
            [row.opens.isoformat(), row.closes.isoformat()]
        )
    return {
        "name": calendar.name,
        "zone": calendar.time_zone,
        "weekly": {day: sorted(spans) for day, spans in sorted(weekly.items())},
        "exceptions": list(_exceptions(exceptions)),
    }


def work_calendar(spec: Spec) -> WorkCalendar:
    """Raises CalendarError where the spec is no calendar one can promise by."""
    return WorkCalendar(spec["zone"], weekly(spec), exceptional(spec), name=spec["name"])


def weekly(spec: Spec) -> dict[int, list[tuple[time, time]]]:
    return {int(day): [_interval(span) for span in spans] for day, spans in spec["weekly"].items()}


def exceptional(spec: Spec) -> list[Exceptional]:
    return [
        Exceptional(
            date=date.fromisoformat(each["date"]),
            closed=each["closed"],
            intervals=tuple(_interval(span) for span in each["intervals"]),
            name=each["name"],
        )
        for each in spec["exceptions"]
    ]


def of_policy(policy: Policy) -> Spec:
    """Conditions keep the names beside the numbers, so an old version still reads well."""
    return {
        "name": policy.name,
        "conditions": {
            "natures": sorted(policy.natures),
            "channels": sorted(policy.channels),
            "priorities": sorted(policy.priorities),
            "categories": _named(policy.categories.all()),
            "tiers": _named(policy.tiers.all()),
            "teams": _named(policy.teams.all()),
            "tags": _named(policy.tags.all()),
        },
        "targets": [of_target(target) for target in policy.targets.order_by("pk")],
    }


def of_target(target: Target) -> Spec:
    return {
        "metric": target.metric,
        "priority": target.priority,
        "seconds": seconds(target.duration),
        "calendar": target.calendar_id,
        "warnings": [_warning(each) for each in parse_warnings(target.warnings)],
        "path": target.path_id,
        "warning_path": target.warning_path_id,
        "pause_on": sorted(target.pause_on),
        "attempts": target.attempts,
    }


def thresholds(spec: Spec) -> tuple[Threshold, ...]:
    return tuple(
        Threshold(percent=each["percent"])
        if "percent" in each
        else Threshold(before=timedelta(seconds=each["before"]))
        for each in spec["warnings"]
    )


def of_path(path: Path) -> Spec:
    """The path's levels followed by those of the paths it continues with, numbered through.

    A continuation's delays count from the last telling before it: ``after`` names the level. Where
    the chain comes back to a path it has already been on, it ends there and says so.
    """
    steps: list[Spec] = []
    seen: list[int] = []
    loops = False
    current: Path | None = path
    while current is not None:
        if current.pk in seen:
            loops = True
            break
        seen.append(current.pk)
        steps.extend(_continued(current, steps))
        current = current.continues_with
    return {"name": path.name, "steps": steps, "loops": loops, "paths": seen}


def of_step(step: Step) -> Spec:
    return {
        "level": step.level,
        "seconds": seconds(step.delay) or 0,
        "calendar": step.calendar_id,
        "who": step.who,
        "person": step.person_id,
        "team": step.team_id,
        "role": step.role,
        "channel": step.channel,
        "repeats": step.repeats,
        "every": seconds(step.every),
    }


def seconds(duration: timedelta | None) -> int | None:
    return None if duration is None else int(duration.total_seconds())


def _continued(path: Path, before: list[Spec]) -> Iterable[Spec]:
    after = max((step["level"] for step in before), default=0)
    for step in path.steps.all():  # in their own order, so that lists can fetch them beforehand
        spec = of_step(step)
        yield spec | {"level": spec["level"] + after, "after": after} if after else spec


def _exceptions(rows: Iterable[CalendarException]) -> Iterable[Spec]:
    days: dict[tuple[date, bool], list[CalendarException]] = {}
    for row in rows:
        days.setdefault((row.date, row.kind == CalendarException.Kind.CLOSED), []).append(row)
    for (day, closed), same in sorted(days.items(), key=lambda each: (each[0][0], each[0][1])):
        whole = any(row.opens is None for row in same)
        spans = sorted(
            [row.opens.isoformat(), row.closes.isoformat()]
            for row in same
            if row.opens is not None and row.closes is not None
        )
        yield {
            "date": day.isoformat(),
            "closed": closed,
            # An extra opening for the whole day runs from midnight to midnight.
            "intervals": ([] if closed else [["00:00:00", "00:00:00"]]) if whole else spans,
            "name": next((row.name for row in same if row.name), ""),
        }


def _warning(threshold: Threshold) -> Mapping[str, int | None]:
    if threshold.before is None:
        return {"percent": threshold.percent}
    return {"before": seconds(threshold.before)}


def _interval(span: list[str]) -> tuple[time, time]:
    return time.fromisoformat(span[0]), time.fromisoformat(span[1])


def _named(rows: Iterable[Any]) -> list[list[Any]]:
    return [[row.pk, row.name] for row in sorted(rows, key=lambda row: row.pk)]
