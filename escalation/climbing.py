"""Climbs: starting one, and telling the level where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from escalation.deeds import Deeds
from escalation.models import Clock, Escalation, EscalationStep, Rule, Step
from escalation.notify import Crew, Meant, tell
from escalation.sla import wording
from escalation.sla.ladder import Due, StepKey, StepKind, next_rung
from escalation.sla.state import ClockState
from escalation.specs import Spec
from escalation.standing import Climb, Standing
from tickets.models import TicketEvent
from tickets.people.models import User

MOST_TELLINGS = 1000


def start(
    standing: Standing,
    *,
    trigger: Escalation.Trigger,
    key: str,
    path_version: int | None,
    because: str,
    at: datetime,
    clock: Clock | None = None,
    rule: Rule | None = None,
    actor: User | None = None,
) -> Climb:
    """A climb that began at ``at``; ``path_version`` None climbs the built-in chain.

    ``key`` makes it the only one of its trigger on its ticket: a constraint refuses a second.
    """
    standing.config.remember(paths=[path_version])
    row = Escalation(
        ticket=standing.ticket, trigger=trigger, key=key, path_version_id=path_version,
        because=because, started_at=at, clock=clock, rule=rule, started_by=actor,
    )  # fmt: skip
    climb = Climb(row)
    standing.climbs.append(climb)
    return climb


def start_late(
    standing: Standing, clock: Clock, state: ClockState, *, at: datetime, because: str = "",
    times: int = 0,
) -> None:  # fmt: skip
    """The climb of a missed deadline, for the clock's ``times + 1``-th time."""
    path = state.breached_under.path if state.breached_under else None
    if path and not state.finished:
        start(
            standing, trigger=Escalation.Trigger.BREACH,
            key=cause(state) + (f":{times + 1}" if times else ""),
            path_version=int(path.key) or None, because=f"{because}{what(state)} is late.", at=at,
            clock=clock,
        )  # fmt: skip


def cause(state: ClockState) -> str:
    return f"{state.metric.value}:{state.cycle}:{state.subject}"


def what(state: ClockState) -> str:
    name = wording.METRICS[state.metric]
    return f"The {name}"


def supersede(standing: Standing, clock: Clock, because: str) -> None:
    """Ends the warnings of a clock that still climb."""
    for climb in standing.climbs:
        if climb.row.clock is clock and climb.row.trigger == Escalation.Trigger.WARNING:
            end(climb.row, because, standing.now)


def end(row: Escalation, because: str, now: datetime) -> None:
    if row.is_under_way:
        row.state, row.ended_at, row.ended_because = Escalation.State.ENDED, now, because
    row.next_step_at = row.parked_at = None


def tell_due(climb: Climb, standing: Standing, deeds: Deeds, crew: Crew) -> None:
    """Tells every level that is due by now, each once; what was passed over is recorded (rule 11)."""
    row = climb.row
    path = standing.config.path(row.path_version_id)
    for _ in range(MOST_TELLINGS):
        due = next_rung(path, row.started_at, climb.told, standing.now)
        if due is None or due.at > standing.now:
            row.next_step_at = due.at if due else None
            return
        for key in due.passed_over:
            _note(climb, deeds, key, due.at, remark="", passed_over=True, people=())
        _tell(_Telling(climb, standing, deeds, crew), due)


class _Telling:
    """One level's turn: who is meant, and who comes after where that is nobody."""

    def __init__(self, climb: Climb, standing: Standing, deeds: Deeds, crew: Crew) -> None:
        self.climb, self.standing, self.deeds, self.crew = climb, standing, deeds, crew
        self.spec = standing.config.path_spec(climb.row.path_version_id)

    def step(self, level: int) -> Spec:
        return next(step for step in self.spec["steps"] if step["level"] == level)

    def higher(self, level: int) -> Iterator[Spec]:
        """The levels above that nobody was told of yet, from the lowest."""
        for step in sorted(self.spec["steps"], key=lambda each: int(each["level"])):
            if step["level"] > level and _key(step["level"]) not in self.climb.told:
                yield step

    def meant(self, step: Spec) -> Meant:
        return self.crew.reach(step, self.standing.ticket)


def _tell(telling: _Telling, due: Due) -> None:
    step = telling.step(due.level or 0)
    meant = telling.meant(step)
    if meant.people:
        _reach(telling, due.key, step, meant.people, due.at, meant.remark)
        return
    remark = _in_vain(step, meant)
    if due.key.repeat and telling.climb.reached:
        _note(telling.climb, telling.deeds, due.key, due.at, remark, False, ())
        return
    _fall_through(telling, due, remark)


def _fall_through(telling: _Telling, due: Due, remark: str) -> None:
    """Rule 13: the next level that is somebody is told at once; the last resort, administrators."""
    first = telling.step(due.level or 0)
    skipped = [(due.key, first, remark)]
    for step in telling.higher(first["level"]):
        meant = telling.meant(step)
        if meant.people:
            _skip(telling, skipped, due.at)
            said = " ".join(filter(None, [*(each[2] for each in skipped), meant.remark]))
            _reach(telling, _key(step["level"]), step, meant.people, due.at, said)
            return
        said = _in_vain(step, meant)
        skipped.append((_key(step["level"]), step, said))
    _skip(telling, skipped[1:], due.at)
    said = " ".join(each[2] for each in skipped)
    said = f"{said} No level above is left, so the administrators are told."
    people = telling.crew.last_resort()
    _reach(telling, due.key, first | {"channel": Step.Channel.EMAIL}, people, due.at, said)


def _skip(telling: _Telling, skipped: list[tuple[StepKey, Spec, str]], at: datetime) -> None:
    for key, _, remark in skipped:
        _note(telling.climb, telling.deeds, key, at, remark, False, ())


def _reach(
    telling: _Telling, key: StepKey, step: Spec, people: list[User], at: datetime, remark: str
) -> None:
    climb, row, deeds = telling.climb, telling.climb.row, telling.deeds
    _note(climb, deeds, key, at, remark, False, people)
    row.level = max(row.level, int(key.key), step["level"])
    climb.reached = climb.reached or bool(people)
    tell(
        row=row, ticket=telling.standing.ticket, people=people, level=row.level, remark=remark,
        deeds=deeds, crew=telling.crew, by_mail=step["channel"] == Step.Channel.EMAIL,
    )  # fmt: skip
    deeds.record(
        telling.standing.ticket, TicketEvent.Kind.ESCALATED, deeds.now, trigger=row.trigger,
        level=row.level, repeat=key.repeat, told=[person.name for person in people],
        because=row.because, remark=remark,
    )  # fmt: skip


def _note(
    climb: Climb, deeds: Deeds, key: StepKey, at: datetime, remark: str,
    passed_over: bool, people: list[User] | tuple[()],
) -> None:  # fmt: skip
    climb.told.add(key)
    deeds.steps.append(
        EscalationStep(
            escalation=climb.row, level=int(key.key), repeat=key.repeat, at=at,
            acted_at=deeds.now, passed_over=passed_over, remark=remark,
            told=[{"id": person.pk, "name": person.name} for person in people],
        )
    )  # fmt: skip


def _key(level: int) -> StepKey:
    return StepKey(StepKind.STEP, str(level))


WHY_NOBODY = {
    Step.Who.ASSIGNEE: "the ticket is assigned to nobody who can be told",
    Step.Who.PERSON: "that person cannot be told any more",
    Step.Who.TEAM: "nobody in that team can be told",
    Step.Who.SUPERVISORS: "the ticket's team has no supervisor who can be told",
    Step.Who.ROLE: "nobody in that role can be told",
    Step.Who.NAMED: "the customer has no named person who can be told",
    Step.Who.ADMINS: "there is no administrator who can be told",
}


def _in_vain(step: Spec, meant: Meant) -> str:
    why = meant.remark or f"{nobody(step)}."
    return f"Level {step['level']} reaches nobody: {why}"


def nobody(step: Spec) -> str:
    return WHY_NOBODY[Step.Who(step["who"])]
