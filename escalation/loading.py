"""Rows → the engine's values. Read once per published change, then from memory.

One tiny query asks whether anything was published since; opening a ticket costs no more.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from escalation import specs
from escalation.models import (
    Binding,
    CalendarVersion,
    Path,
    PathVersion,
    Policy,
    PolicyVersion,
    Revision,
    Rule,
)
from escalation.sla import values
from escalation.sla.checking import known_zone
from escalation.sla.hours import CalendarHistory
from escalation.sla.values import CalendarLike, Metric, Plan
from escalation.specs import Spec

logger = logging.getLogger(__name__)

Version = TypeVar("Version", PathVersion, PolicyVersion)

# Climbed where no path was made for it: never no one.
BUILT_IN: Spec = {
    "name": "Supervisors, then administrators",
    "loops": False,
    "paths": [],
    "steps": [
        {
            "level": level, "seconds": seconds, "calendar": None, "who": who, "person": None,
            "team": None, "role": "", "channel": "email", "repeats": 0, "every": None,
        }
        for level, seconds, who in ((1, 0, "supervisors"), (2, 3600, "admins"))
    ],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """A policy that tickets are matched against: the conditions of its latest version."""

    policy_id: int
    version_id: int
    number: int
    name: str
    is_fallback: bool
    conditions: Spec


@dataclass(slots=True)
class Config:
    """Everything configured, as of one published state; ``lost`` says what had to be replaced."""

    token: UUID | None
    calendars: Mapping[int, CalendarHistory]
    candidates: list[Candidate]
    rules: list[Rule]
    current_paths: Mapping[int, int]
    purposes: Mapping[str, int]
    versions: dict[int, PolicyVersion] = field(default_factory=dict)
    path_versions: dict[int, PathVersion] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    _targets: dict[tuple[int, str], Mapping[Metric, values.Target]] = field(default_factory=dict)
    _paths: dict[int, values.Path] = field(default_factory=dict)

    def plan(self, binding: Binding) -> Plan:
        version = self.versions[binding.version_id]
        key = (version.pk, binding.priority)
        if key not in self._targets:
            self._targets[key] = self.targets(version.spec, binding.priority)
        return Plan(
            at=binding.at,
            targets=self._targets[key],
            label=f"{version.spec['name']} (version {version.number})",
            because=binding.because,
            key=str(version.pk),
            priority=binding.priority,
        )

    def targets(self, spec: Spec, priority: str) -> Mapping[Metric, values.Target]:
        """The target of each metric at a priority: its own, or else the one for any."""
        chosen: dict[str, Spec] = {}
        for each in spec["targets"]:
            if each["priority"] == priority or (
                not each["priority"] and each["metric"] not in chosen
            ):
                chosen[each["metric"]] = each
        return {Metric(metric): self._target(each) for metric, each in chosen.items()}

    def calendar(self, number: int | None) -> CalendarLike | None:
        """None counts elapsed time; so does a deleted calendar, which is the earlier deadline."""
        return None if number is None else self.calendars.get(number)

    def path(self, version_id: int | None) -> values.Path:
        """The rungs of a published path; the built-in chain where there is none."""
        key = version_id or 0
        if key not in self._paths:
            spec = self.path_spec(version_id)
            steps = tuple(self._step(each) for each in spec["steps"])
            self._paths[key] = values.Path(str(key), steps)
        return self._paths[key]

    def path_spec(self, version_id: int | None) -> Spec:
        spec = None if version_id is None else self.path_versions[version_id].spec
        return spec if spec and spec["steps"] else BUILT_IN

    def path_for(self, purpose: Path.Purpose) -> int | None:
        """The current version of the path made for this purpose, if there is one."""
        return self.current_paths.get(self.purposes.get(purpose, 0))

    def remember(self, *, policies: Iterable[int] = (), paths: Iterable[int | None] = ()) -> None:
        """Loads the versions that are not known yet; they never change, so they stay."""
        unknown = {pk for pk in policies if pk not in self.versions}
        if unknown:
            self.versions |= PolicyVersion.objects.in_bulk(unknown)
        unseen = {pk for pk in paths if pk is not None and pk not in self.path_versions}
        if unseen:
            self.path_versions |= PathVersion.objects.in_bulk(unseen)

    def _target(self, spec: Spec) -> values.Target:
        return values.Target(
            metric=Metric(spec["metric"]),
            duration=_duration(spec["seconds"]),
            calendar=self.calendar(spec["calendar"]),
            warnings=specs.thresholds(spec),
            path=self._current(spec["path"]),
            warning_path=self._current(spec["warning_path"]),
            pause_on=frozenset(spec["pause_on"]),
            attempts=spec["attempts"],
        )

    def _current(self, path_id: int | None) -> values.Path | None:
        """The path as published last; the built-in chain where it was deleted: never no one."""
        return None if path_id is None else self.path(self.current_paths.get(path_id))

    def _step(self, spec: Spec) -> values.Step:
        return values.Step(
            level=spec["level"],
            delay=timedelta(seconds=spec["seconds"]),
            calendar=self.calendar(spec["calendar"]),
            repeats=spec["repeats"],
            every=_duration(spec["every"]),
            after=spec.get("after", 0),
        )


_remembered: Config | None = None


def current() -> Config:
    """The configuration in force; read anew only when something was published since."""
    global _remembered
    token = Revision.objects.values_list("token", flat=True).first()
    known = _remembered
    if known is not None and token is not None and known.token == token:
        return known
    # What is read after the token can only be newer than it: then the next call reads again.
    fresh = _read(token)
    _remembered = fresh
    return fresh


def _read(token: UUID | None) -> Config:
    paths = {version.pk: version for version in _latest(PathVersion.objects.all(), "path")}
    policies = {version.pk: version for version in _latest(PolicyVersion.objects.all(), "policy")}
    calendars, lost = _calendars()
    return Config(
        token=token,
        calendars=calendars,
        lost=lost,
        candidates=_candidates(policies),
        rules=list(
            Rule.objects.filter(active=True)
            .order_by("order", "pk")
            .prefetch_related(
                "conditions__contact", "conditions__organization", "conditions__tier",
                "conditions__category", "conditions__team", "conditions__tag",
                "actions__path", "actions__team",
            )
        ),
        current_paths={version.path_id: version.pk for version in paths.values()},
        purposes=dict(Path.objects.exclude(purpose="general").values_list("purpose", "pk")),
        versions=policies,
        path_versions=paths,
    )  # fmt: skip


def _latest(versions: QuerySet[Version], owner: str) -> QuerySet[Version]:
    newest = versions.filter(**{owner: OuterRef(owner)}).order_by("-number").values("pk")[:1]
    return versions.filter(pk=Subquery(newest)).order_by("pk")


def _candidates(latest: Mapping[int, PolicyVersion]) -> list[Candidate]:
    by_policy = {version.policy_id: version for version in latest.values()}
    active = Policy.objects.filter(active=True, pk__in=by_policy)
    return [
        Candidate(
            policy_id=policy.pk,
            version_id=by_policy[policy.pk].pk,
            number=by_policy[policy.pk].number,
            name=policy.name,
            is_fallback=policy.is_fallback,
            conditions=by_policy[policy.pk].spec["conditions"],
        )
        for policy in active.order_by("is_fallback", "order", "pk")
    ]


def _calendars() -> tuple[dict[int, CalendarHistory], list[str]]:
    """Every calendar, and in words those whose zone this machine knows no more: they go by UTC."""
    found: dict[int, list[tuple[datetime, CalendarLike]]] = {}
    lost: dict[str, None] = {}
    for version in CalendarVersion.objects.order_by("calendar", "number"):
        spec = version.spec
        if not known_zone(spec["zone"]):
            words = (
                f"The time zone {spec['zone']} of the calendar «{spec['name']}» is unknown here: "
                "its hours count in UTC until tzdata is mended."
            )
            lost[words] = None
            spec = spec | {"zone": "UTC"}
        days = found.setdefault(version.calendar_id, [])
        days.append((version.effective_at, specs.work_calendar(spec)))
    for words in lost:
        logger.error(words)
    return {pk: CalendarHistory(versions) for pk, versions in found.items()}, list(lost)


def _duration(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
