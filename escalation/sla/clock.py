"""Replay: the clocks of a ticket as a function of its facts, its plans and the time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from escalation.sla.account import Ledger
from escalation.sla.checking import NOTHING
from escalation.sla.judge import Case, case
from escalation.sla.numbering import Numbered, renumbered
from escalation.sla.state import ClockState, Course, Segment, State
from escalation.sla.timeline import Reigns, Timeline
from escalation.sla.values import Fact, FactKind, Metric, Plan, Target, Threshold
from escalation.sla.waiting import Wait
from escalation.sla.waits import waits

__all__ = ["ClockState", "Course", "Segment", "State", "replay"]

Identity = tuple[Metric | None, int, str]


def replay(
    facts: Sequence[Fact],
    plans: Sequence[Plan],
    now: datetime,
    numbered: Sequence[Numbered] = (),
) -> tuple[ClockState, ...]:
    """Every clock of a ticket that has, or had, a target, as it stands at `now`.

    Facts and plans count from their `at` on, in whatever order they are given; of two plans with
    the same instant the later given holds. A breach named by a BREACH_RECORDED fact stays on
    record with that fact's instant, whatever was learned or changed since (rules 3, 7, 8).
    `numbered` are the cycles that were given their numbers before: they keep them.
    """
    ticket = Timeline.of(facts, now)
    ledger = Ledger(ticket, Reigns.of(plans, now))
    recorded = _recorded(ticket)
    return tuple(_states(ledger, recorded, now, numbered))


def _states(
    ledger: Ledger,
    recorded: Mapping[Identity, datetime],
    now: datetime,
    numbered: Sequence[Numbered],
) -> Iterator[ClockState]:
    for wait in renumbered(waits(ledger.ticket), numbered):
        wait = _after_attempts(ledger, wait)
        found = case(ledger, wait, now)
        if found:
            on_record = recorded.get((wait.metric, wait.cycle, wait.subject))
            yield _state(found, _breach(ledger, found, on_record))


def _recorded(ticket: Timeline) -> dict[Identity, datetime]:
    found: dict[Identity, datetime] = {}
    for fact in ticket.of_kind(FactKind.BREACH_RECORDED):
        found.setdefault((fact.metric, fact.cycle, fact.subject), fact.at)
    return found


def _after_attempts(ledger: Ledger, wait: Wait) -> Wait:
    """A callback is also kept by as many attempts as the policy of their time asks for."""
    for number, at in enumerate(wait.attempts, 1):
        target = ledger.target(wait, ledger.plan_for(wait, at))
        if target and 0 < target.attempts <= number:
            return wait.met(at)
    return wait


@dataclass(frozen=True, slots=True)
class _Breach:
    at: datetime
    target: Target


def _breach(ledger: Ledger, found: Case, on_record: datetime | None) -> _Breach | None:
    computed = found.breach()
    if on_record is None:
        return _Breach(*computed) if computed else None
    if computed:
        return _Breach(on_record, computed[1])
    then = ledger.target(found.wait, ledger.plan_for(found.wait, on_record))
    return _Breach(on_record, then or found.current.target)


def _state(found: Case, breach: _Breach | None) -> ClockState:
    wait, epoch = found.wait, found.current
    state, stopped_at = _verdict(found, breach)
    used = sum((segment.used for segment in epoch.segments), NOTHING)
    duration, due_at = epoch.target.duration or NOTHING, epoch.due_at
    # Nobody is warned of a deadline that never comes.
    endless = state is State.RUNNING and due_at is None
    return ClockState(
        metric=wait.metric,
        cycle=wait.cycle,
        subject=wait.subject,
        state=state,
        started_at=min([wait.started_at, *_taken_over(wait)]),
        plan=epoch.plan or _promised(wait, epoch.target),
        target=epoch.target,
        due_at=due_at,
        used=used,
        remaining=duration - used,
        paused_since=None if stopped_at else _paused_since(epoch.segments),
        breached_at=breach.at if breach else None,
        breached_under=breach.target if breach else None,
        satisfied_at=stopped_at if state in (State.MET, State.MET_LATE) else None,
        stopped_at=stopped_at,
        promised_at=wait.promised_at,
        warnings=() if endless else tuple(_warnings(found, breach)),
        segments=tuple(epoch.segments),
    )


def _warnings(found: Case, breach: _Breach | None) -> Iterator[tuple[Threshold, datetime]]:
    yield from (each for each in found.warnings() if not breach or each[1] < breach.at)


def _verdict(found: Case, breach: _Breach | None) -> tuple[State, datetime | None]:
    """The state, and when the clock stopped if it did."""
    wait = found.wait
    unowed = found.untargeted_since if not breach else None
    if wait.ended_at:
        if not wait.satisfied or unowed:
            return State.CANCELLED, unowed or wait.ended_at
        return State.MET_LATE if breach else State.MET, wait.ended_at
    if silent_since := _silent_since(found):
        return State.CANCELLED, silent_since
    if breach:
        return State.BREACHED, None
    if unowed:
        return State.CANCELLED, unowed
    paused = found.current.segments[-1].course is not Course.RUN
    return State.PAUSED if paused else State.RUNNING, None


def _silent_since(found: Case) -> datetime | None:
    for start, end in found.wait.quiet:
        if start <= found.horizon and (end is None or found.horizon < end):
            return start
    return None


def _paused_since(segments: Sequence[Segment]) -> datetime | None:
    since: datetime | None = None
    for segment in segments:
        since = None if segment.course is Course.RUN else since or segment.start
    return since


def _taken_over(wait: Wait) -> list[datetime]:
    """Earlier starts from merges; a reopened resolution still started when it was reopened."""
    if wait.metric is Metric.RESOLUTION and wait.cycle > 1:
        return []
    return [origin for _, origin in wait.shifts]


def _promised(wait: Wait, target: Target) -> Plan:
    return Plan(
        at=wait.started_at,
        targets={wait.metric: target},
        label="The promise itself",
        because="An instant was promised, and no policy says more about it.",
    )
