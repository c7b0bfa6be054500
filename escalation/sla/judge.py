"""The verdict on one wait: when it is due, whether and when it broke, what warns before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from escalation.sla.account import Ledger, crossing
from escalation.sla.checking import NOTHING
from escalation.sla.state import Segment
from escalation.sla.values import Plan, Target, Threshold
from escalation.sla.waiting import Wait


@dataclass(frozen=True, slots=True)
class Epoch:
    """A time in which neither the plan nor the origin of a wait changed, if it had a target.

    `segments` are all the time since the origin as this epoch's target sees it.
    """

    start: datetime
    end: datetime
    plan: Plan | None
    target: Target
    segments: Sequence[Segment]

    @property
    def due_at(self) -> datetime | None:
        return crossing(self.segments, self.target.duration or NOTHING)


@dataclass(frozen=True, slots=True)
class Case:
    """A wait with its epochs, up to the horizon: the instant it stopped, or now."""

    wait: Wait
    horizon: datetime
    epochs: tuple[Epoch, ...]
    untargeted_since: datetime | None = None

    @property
    def current(self) -> Epoch:
        return self.epochs[-1]

    def breach(self) -> tuple[datetime, Target] | None:
        """The instant at which the wait broke its target, and that target (rules 3 and 7)."""
        for epoch in self.epochs:
            due = epoch.due_at
            if due is None or due >= epoch.end:
                continue
            last = epoch is self.current and self.untargeted_since is None
            heard = self._heard(max(due, epoch.start))
            running = last and self.wait.ended_at is None
            if heard and (heard < epoch.end or (running and heard == epoch.end)):
                return heard, epoch.target
            if last and self.wait.satisfied:
                # Answered while quiet, past the deadline: late from the deadline on.
                return max(due, epoch.start), epoch.target
        return None

    def warnings(self) -> list[tuple[Threshold, datetime]]:
        """Each threshold of the target in force with its instant, past or to come."""
        found = []
        for threshold in self.current.target.warnings:
            at = self._reached(threshold)
            if at and (self.wait.ended_at is None or at <= self.horizon):
                found.append((threshold, at))
        return sorted(found, key=lambda each: (each[1], each[0].key))

    def _reached(self, threshold: Threshold) -> datetime | None:
        for epoch in self.epochs:
            if threshold not in epoch.target.warnings:
                continue
            at = crossing(epoch.segments, _amount(threshold, epoch.target))
            heard = self._heard(max(at, epoch.start)) if at else None
            if heard and (epoch is self.current or heard < epoch.end):
                return heard
        return None

    def _heard(self, at: datetime) -> datetime | None:
        """The first instant from `at` on at which the ticket is not quiet."""
        for start, end in self.wait.quiet:
            if start <= at and (end is None or at < end):
                if end is None:
                    return None
                at = end
        return at


def case(ledger: Ledger, wait: Wait, now: datetime) -> Case | None:
    """The wait against the plans; None when none of them ever had a target for it."""
    horizon = wait.ended_at or now
    epochs: list[Epoch] = []
    untargeted_since: datetime | None = None
    starts = _starts(ledger, wait, horizon)
    for start, end in zip(starts, [*starts[1:], horizon], strict=True):
        plan = ledger.plan_for(wait, start)
        target = ledger.target(wait, plan)
        if target is None:
            untargeted_since = untargeted_since or start
            continue
        untargeted_since = None
        including = wait.ended_at is None and end == horizon
        origin = _origin(wait, start)
        segments = ledger.segments(wait, target, origin, end, including=including)
        epochs.append(Epoch(start, end, plan, target, segments))
    if not epochs:
        return None
    return Case(wait, horizon, tuple(epochs), untargeted_since)


def _starts(ledger: Ledger, wait: Wait, horizon: datetime) -> list[datetime]:
    """Where epochs begin; a change at the very instant of an answer comes after the answer."""
    changes = [*ledger.reigns.changes(), *(at for at, _ in wait.shifts)]
    running = wait.ended_at is None
    later = (at for at in changes if at > wait.judged_from)
    return sorted(
        {wait.judged_from, *(at for at in later if at < horizon or (running and at == horizon))}
    )


def _origin(wait: Wait, at: datetime) -> datetime:
    return min([wait.origin, *(origin for since, origin in wait.shifts if since <= at)])


def _amount(threshold: Threshold, target: Target) -> timedelta:
    duration = target.duration or NOTHING
    if threshold.percent is not None:
        return duration * threshold.percent / 100
    return max(NOTHING, duration - (threshold.before or NOTHING))
