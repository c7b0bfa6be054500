"""What would have been: real tickets replayed under other plans, and what that changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from escalation.sla.clock import replay
from escalation.sla.rungs import rungs
from escalation.sla.state import ClockState, State
from escalation.sla.values import Fact, FactKind, Metric, Plan


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket as it was, with the plans to try; `acknowledged_at` stops climbs as it did then."""

    ref: str
    facts: Sequence[Fact]
    plans: Sequence[Plan]
    acknowledged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one clock of one ticket would have come to; `levels` are the tellings of its climb."""

    ref: str
    metric: Metric
    cycle: int
    subject: str
    state: State
    due_at: datetime | None
    breached_at: datetime | None
    warned: int
    levels: tuple[int, ...]

    @property
    def late(self) -> bool:
        return self.breached_at is not None

    @property
    def identity(self) -> tuple[str, Metric, int, str]:
        return (self.ref, self.metric, self.cycle, self.subject)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Every verdict, in the order of the tickets given, and their sums."""

    verdicts: tuple[Verdict, ...]

    @property
    def late(self) -> int:
        return sum(verdict.late for verdict in self.verdicts)

    @property
    def warned(self) -> int:
        return sum(verdict.warned for verdict in self.verdicts)

    @property
    def escalated(self) -> int:
        return sum(bool(verdict.levels) for verdict in self.verdicts)

    @property
    def told(self) -> Counter[int]:
        """How often each level would have been told."""
        return Counter(level for verdict in self.verdicts for level in verdict.levels)

    @property
    def by_metric(self) -> dict[Metric, tuple[int, int]]:
        """Late clocks and all clocks of each metric that occurred."""
        total = Counter(verdict.metric for verdict in self.verdicts)
        late = Counter(verdict.metric for verdict in self.verdicts if verdict.late)
        return {metric: (late[metric], total[metric]) for metric in Metric if total[metric]}


@dataclass(frozen=True, slots=True)
class Change:
    """One clock that would have gone otherwise; None where it would not have been there."""

    before: Verdict | None
    after: Verdict | None


@dataclass(frozen=True, slots=True)
class Difference:
    newly_late: tuple[Change, ...]
    no_longer_late: tuple[Change, ...]
    other: tuple[Change, ...]


def simulate(cases: Iterable[Case], now: datetime, since: datetime | None = None) -> Outcome:
    """Replay each ticket under its plans, as if they had held and nobody acted otherwise.

    Breaches recorded under the plans of the time are left out: here the plans tried decide.
    With `since`, clocks that had ended before it are left out.
    """
    return Outcome(tuple(_verdicts(cases, now, since)))


def compare(before: Outcome, after: Outcome) -> Difference:
    """What changes between two outcomes of the same tickets, clock by clock."""
    was = {verdict.identity: verdict for verdict in before.verdicts}
    becomes = {verdict.identity: verdict for verdict in after.verdicts}
    changes = [
        Change(was.get(identity), becomes.get(identity))
        for identity in dict.fromkeys([*was, *becomes])
        if was.get(identity) != becomes.get(identity)
    ]
    return Difference(
        newly_late=tuple(each for each in changes if not _late(each.before) and _late(each.after)),
        no_longer_late=tuple(
            each for each in changes if _late(each.before) and not _late(each.after)
        ),
        other=tuple(each for each in changes if _late(each.before) == _late(each.after)),
    )


def _late(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.late


def _verdicts(cases: Iterable[Case], now: datetime, since: datetime | None) -> Iterator[Verdict]:
    for case in cases:
        facts = [fact for fact in case.facts if fact.kind is not FactKind.BREACH_RECORDED]
        for state in replay(facts, case.plans, now):
            if since is None or state.stopped_at is None or state.stopped_at >= since:
                yield _verdict(case, state, now)


def _verdict(case: Case, state: ClockState, now: datetime) -> Verdict:
    end = state.stopped_at or now
    return Verdict(
        ref=case.ref,
        metric=state.metric,
        cycle=state.cycle,
        subject=state.subject,
        state=state.state,
        due_at=state.due_at,
        breached_at=state.breached_at,
        warned=sum(at <= end for _, at in state.warnings),
        levels=tuple(_levels(case, state, end)),
    )


def _levels(case: Case, state: ClockState, end: datetime) -> Iterator[int]:
    path = state.breached_under.path if state.breached_under else None
    if path is None or state.breached_at is None:
        return
    acknowledged_at = case.acknowledged_at
    if acknowledged_at is not None and acknowledged_at >= state.breached_at:
        end = min(end, acknowledged_at)
    for rung in rungs(path, state.breached_at):
        if rung.at <= end:
            yield rung.level
