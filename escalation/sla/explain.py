"""Why this deadline? The engine's own account of a clock, line by line, in the reader's zone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from escalation.sla import wording
from escalation.sla.checking import NOTHING
from escalation.sla.passing import Passing, passings
from escalation.sla.state import ClockState, Course, State
from escalation.sla.values import Plan

__all__ = ["Explanation", "Line", "LineKind", "explain"]


class LineKind(StrEnum):
    POLICY = "policy"
    CALENDAR = "calendar"
    START = "start"
    COUNTED = "counted"
    CLOSED = "closed"
    PAUSED = "paused"
    SOLVED = "solved"
    RETARGET = "retarget"
    SUM = "sum"
    WARNING = "warning"
    DUE = "due"
    BREACH = "breach"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Line:
    """One fact of the account: `text` is ready to print, the rest lets a page say it otherwise."""

    kind: LineKind
    at: datetime
    text: str
    until: datetime | None = None
    amount: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


def explain(state: ClockState, now: datetime, zone: str | ZoneInfo) -> Explanation:
    """The account of one clock: policy, calendar, start, what counted and what did not, the sum.

    Where an instant was promised, the promise stands in the policy's place.
    The counted stretches add up to the target exactly, and the last one ends at the deadline.
    `zone` is the reader's and changes nothing but how instants are printed (rule 1).
    """
    reader = ZoneInfo(zone) if isinstance(zone, str) else zone
    return Explanation(tuple(_Account(state, now, reader).lines()))


@dataclass(frozen=True, slots=True)
class _Account:
    state: ClockState
    now: datetime
    zone: ZoneInfo

    def lines(self) -> Iterator[Line]:
        yield from self.promise()
        yield from self.course()
        yield from self.sum()
        yield from self.outcome()

    def promise(self) -> Iterator[Line]:
        target, start = self.state.target, self.state.started_at
        yield from self.promised() if self.state.promised_at else self.planned()
        yield Line(LineKind.CALENDAR, start, f"Time is {wording.hours_of(target)}.")
        yield Line(LineKind.START, start, f"Started {wording.exact(start, self.zone)}.")

    def promised(self) -> Iterator[Line]:
        state = self.state
        if state.promised_at is not None:
            when = wording.exact(state.promised_at, self.zone)
            text = (
                f"Promised for {when}, whatever a schedule says: {wording.promise(state.target)}."
            )
            yield Line(LineKind.POLICY, state.started_at, text, amount=state.target.duration)

    def planned(self) -> Iterator[Line]:
        plan, target = self.state.plan, self.state.target
        policy = f"{plan.label or 'The policy'}: {wording.promise(target)}."
        yield Line(LineKind.POLICY, plan.at, policy, amount=target.duration)
        if plan.because:
            yield Line(LineKind.POLICY, plan.at, f"It applies because: {plan.because}")

    def course(self) -> list[Line]:
        found = passings(self.state)
        passed = map(self.passed, found, self.counted(found))
        lines = [*self.retargets(), *passed]
        return sorted(lines, key=lambda line: line.at)

    def retargets(self) -> Iterator[Line]:
        if self.state.promised_at:
            return
        plans = [(segment.start, segment.plan) for segment in self.state.segments]
        for (_, before), (at, after) in pairwise(plans):
            if after is not None and after is not before:
                when = wording.moment(at, self.zone)
                text = f"{when}: {self.change(before, after)}; the time used is kept."
                yield Line(LineKind.RETARGET, at, text)

    def change(self, before: Plan | None, after: Plan) -> str:
        target = after.targets.get(self.state.metric) or self.state.target
        old = f"from {before.label or 'another policy'} " if before else ""
        return f"changed {old}to {after.label or 'another policy'}, {wording.promise(target)}"

    def counted(self, found: Sequence[Passing]) -> list[timedelta]:
        """What each counted for, in seconds that add up as they are printed."""
        first = next((each.start for each in found if each.used), self.now)
        fraction = timedelta(microseconds=first.microsecond)
        return wording.amounts([each.used for each in found], fraction)

    def passed(self, passing: Passing, counted: timedelta) -> Line:
        when = wording.stretch(passing.start, passing.end, self.zone)
        if passing.course is Course.PAUSE:
            text = f"Paused {when} ({wording.status(passing.status)})."
            return Line(LineKind.PAUSED, passing.start, text, passing.end)
        if passing.course is Course.SOLVED:
            text = f"Solved {when}: not counted."
            return Line(LineKind.SOLVED, passing.start, text, passing.end)
        if not passing.open:
            why = f" ({passing.note})" if passing.note else ""
            return Line(LineKind.CLOSED, passing.start, f"Closed {when}{why}.", passing.end)
        over = (
            f" in {passing.stretches} stretches of opening hours" if passing.stretches > 1 else ""
        )
        text = f"{when}{over}: {wording.amount(counted)}."
        return Line(LineKind.COUNTED, passing.start, text, passing.end, passing.used)

    def sum(self) -> Iterator[Line]:
        found = passings(self.state)
        parts = [shown for each, shown in zip(found, self.counted(found), strict=True) if each.used]
        if len(parts) > 1:
            terms = " + ".join(wording.amount(part) for part in parts)
            total = sum((each.used for each in found), NOTHING)
            text = f"{terms} = {wording.amount(sum(parts, NOTHING))}."
            yield Line(LineKind.SUM, self.now, text, amount=total)

    def outcome(self) -> Iterator[Line]:
        state = self.state
        for threshold, at in state.warnings:
            when = wording.exact(at, self.zone)
            yield Line(LineKind.WARNING, at, f"Warning ({threshold.key}) {when}.")
        if state.due_at is not None:
            due = f"Due {wording.exact(state.due_at, self.zone)}."
            yield Line(LineKind.DUE, state.due_at, due)
        elif state.endless:
            yield Line(LineKind.DUE, self.now, f"No deadline: {wording.endless(state.target)}.")
        elif state.state is State.PAUSED:
            text = f"No deadline while it waits: {wording.amount(state.remaining)} left."
            yield Line(LineKind.DUE, self.now, text, amount=state.remaining)
        if state.breached_at is not None:
            yield Line(LineKind.BREACH, state.breached_at, self.broken(state.breached_at))
        if state.stopped_at is not None:
            ended = f"{_ENDINGS[state.state]} {wording.exact(state.stopped_at, self.zone)}"
            yield Line(LineKind.STOPPED, state.stopped_at, f"{ended}{self.just_late()}.")

    def just_late(self) -> str:
        state = self.state
        alike = (
            state.due_at
            and state.stopped_at
            and wording.same_second(state.due_at, state.stopped_at)
        )
        late = state.state is State.MET_LATE and alike
        return ", less than a second after the deadline" if late else ""

    def broken(self, at: datetime) -> str:
        due = self.state.due_at
        why = ": a change found the deadline already past" if due and due < at else ""
        return f"Broken {wording.exact(at, self.zone)}{why}."


_ENDINGS = {
    State.MET: "Met",
    State.MET_LATE: "Met late",
    State.CANCELLED: "Cancelled, with no verdict,",
}
