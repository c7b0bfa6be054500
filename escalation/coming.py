"""What a climb does next unless somebody answers: which level, when, and whom it will reach."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from escalation.loading import Config
from escalation.models import Escalation, Step
from escalation.notify import Crew, Meant
from escalation.sla.ladder import StepKey, StepKind, next_rung
from escalation.sla.values import Path
from escalation.specs import Spec
from tickets.models import Ticket
from tickets.people.models import User

# As what a level means somebody; a person by name needs no more.
_AS = {
    Step.Who.ASSIGNEE: "who has the ticket",
    Step.Who.PERSON: "",
    Step.Who.TEAM: "everybody of a team",
    Step.Who.SUPERVISORS: "team lead",
    Step.Who.NAMED: "the customer's named person",
    Step.Who.ADMINS: "administrator",
}


@dataclass(frozen=True, slots=True)
class Coming:
    """``reached_as`` is what the people are to the ticket, such as its team lead."""

    level: int
    again: bool
    at: datetime
    names: list[str]
    remark: str
    reached_as: str = ""


class _Reached(NamedTuple):
    level: int
    meant: Meant
    reached_as: str


def coming(
    row: Escalation,
    ticket: Ticket,
    *,
    config: Config,
    crew: Crew,
    now: datetime,
    told: Collection[StepKey] | None = None,
) -> Coming | None:
    """None where it climbs no further. Its steps (or ``told``) are read already, and its path is
    remembered.

    Who is out then may be back by then: it says whom it would reach as things stand.
    """
    if row.state != Escalation.State.OPEN or row.next_step_at is None:
        return None
    if told is None:
        told = {StepKey(StepKind.STEP, str(step.level), step.repeat) for step in row.steps.all()}
    due = next_rung(config.path(row.path_version_id), row.started_at, told, now)
    if due is None or due.level is None:
        return None
    steps = config.path_spec(row.path_version_id)["steps"]
    found = _reached(steps, due.level, ticket, crew)
    return _coming(found, due.key.repeat > 0, row.next_step_at)


def coming_first(
    path: Path, starts_at: datetime, ticket: Ticket, *, config: Config, crew: Crew
) -> Coming | None:
    """What a climb does first that has yet to begin, at ``starts_at``."""
    due = next_rung(path, starts_at, (), starts_at)
    if due is None or due.level is None:
        return None
    steps = config.path_spec(int(path.key) or None)["steps"]
    return _coming(_reached(steps, due.level, ticket, crew), False, max(due.at, starts_at))


def _coming(found: _Reached, again: bool, at: datetime) -> Coming:
    names = [person.name for person in found.meant.people]
    return Coming(found.level, again, at, names, found.meant.remark, found.reached_as)


def _reached(steps: list[Spec], level: int, ticket: Ticket, crew: Crew) -> _Reached:
    """The first level from ``level`` up that is somebody; the administrators after the last."""
    remarks: list[str] = []
    for step in sorted(steps, key=lambda each: int(each["level"])):
        if step["level"] < level:
            continue
        meant = crew.reach(step, ticket)
        remarks += [meant.remark] if meant.remark else []
        if meant.people:
            return _Reached(step["level"], Meant(meant.people, " ".join(remarks)), _as(step))
    admins = _AS[Step.Who.ADMINS]
    return _Reached(level, Meant(crew.last_resort(), " ".join(remarks)), admins)


def _as(step: Spec) -> str:
    who = Step.Who(step["who"])
    return str(User.Role(step["role"]).label).lower() if who == Step.Who.ROLE else _AS[who]
