"""What a climb does next unless somebody answers: which level, when, and whom it will reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from escalation.loading import Config
from escalation.models import Escalation
from escalation.notify import Crew, Meant
from escalation.sla.ladder import StepKey, StepKind, next_rung
from escalation.specs import Spec
from tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Coming:
    level: int
    again: bool
    at: datetime
    names: list[str]
    remark: str


def coming(
    row: Escalation, ticket: Ticket, *, config: Config, crew: Crew, now: datetime
) -> Coming | None:
    """None where it climbs no further. Its steps are read already, and its path is remembered.

    Who is out then may be back by then: it says whom it would reach as things stand.
    """
    if row.state != Escalation.State.OPEN or row.next_step_at is None:
        return None
    told = {StepKey(StepKind.STEP, str(step.level), step.repeat) for step in row.steps.all()}
    due = next_rung(config.path(row.path_version_id), row.started_at, told, now)
    if due is None or due.level is None:
        return None
    steps = config.path_spec(row.path_version_id)["steps"]
    level, meant = _reached(steps, due.level, ticket, crew)
    names = [person.name for person in meant.people]
    return Coming(level, due.key.repeat > 0, row.next_step_at, names, meant.remark)


def _reached(steps: list[Spec], level: int, ticket: Ticket, crew: Crew) -> tuple[int, Meant]:
    """The first level from ``level`` up that is somebody; the administrators after the last."""
    remarks: list[str] = []
    for step in sorted(steps, key=lambda each: int(each["level"])):
        if step["level"] < level:
            continue
        meant = crew.reach(step, ticket)
        remarks += [meant.remark] if meant.remark else []
        if meant.people:
            return step["level"], Meant(meant.people, " ".join(remarks))
    return level, Meant(crew.last_resort(), " ".join(remarks))
