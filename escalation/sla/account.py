"""Accounting: which time counts against a target, and when an amount of it has been used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from escalation.sla.checking import NOTHING, CalendarError
from escalation.sla.hours import ELAPSED
from escalation.sla.state import Course, Segment
from escalation.sla.timeline import Reigns, Timeline
from escalation.sla.values import Metric, Plan, Target
from escalation.sla.waiting import Wait

PAUSABLE = frozenset({Metric.NEXT_REPLY, Metric.UPDATE, Metric.RESOLUTION})
WAITING_FOR_CUSTOMER = frozenset({"pending"})


@dataclass(frozen=True, slots=True)
class Ledger:
    """One ticket's history and plans: everything a wait is accounted against."""

    ticket: Timeline
    reigns: Reigns

    def target(self, wait: Wait, plan: Plan | None) -> Target | None:
        """What a plan wants of this wait; a promised instant is owed whatever the plan says."""
        target = plan.targets.get(wait.metric) if plan else None
        if wait.promised_at is not None:
            duration = max(NOTHING, wait.promised_at - wait.started_at)
            target = target or Target(wait.metric, duration)
            return replace(target, duration=duration, calendar=None)
        return None if target is None or target.duration is None else target

    def plan_for(self, wait: Wait, at: datetime) -> Plan | None:
        """The plan that counts for this wait at an instant: the one in force.

        A call that was promised to a customer stays owed where that one has no time for calls: it
        keeps the clock that it got under the last plan that had.
        """
        plan = self.reigns.at(at)
        if wait.metric is not Metric.CALLBACK or _has_time_for(wait.metric, plan):
            return plan
        earlier = self.reigns.since(wait.judged_from, at)
        return next((each for each in earlier if _has_time_for(wait.metric, each)), plan)

    def segments(
        self, wait: Wait, target: Target, origin: datetime, until: datetime, *, including: bool
    ) -> list[Segment]:
        """The time from `origin` to `until` as this target sees it, in stretches without a change.

        Time under an earlier plan keeps that plan's calendar (rule 7). A pause is a pause when
        either the plan of its time or the target now applied pauses on it (rule 4). A change
        exactly at `until` is seen only when `including`.
        """
        changes = (*self.reigns.changes(), *self.ticket.status_changes(origin, until))
        seen = (at for at in changes if origin < at < until or (including and at == until))
        starts = sorted({origin, *seen})
        return [
            self._segment(wait, target, start, end)
            for start, end in zip(starts, [*starts[1:], max(until, starts[-1])], strict=True)
        ]

    def _segment(self, wait: Wait, target: Target, start: datetime, end: datetime) -> Segment:
        plan = self.plan_for(wait, start)
        own = self.target(wait, plan)
        then = own or target
        calendar = then.calendar or ELAPSED
        status = self.ticket.status_at(start)
        course = self._course(wait, status, start, then.pause_on | target.pause_on)
        used = calendar.between(start, end) if course is Course.RUN else NOTHING
        return Segment(start, end, course, status, calendar, used, plan if own else None)

    def _course(self, wait: Wait, status: str, at: datetime, idle: frozenset[str]) -> Course:
        if at == wait.ended_at:
            # Over in the instant it began: what the status became with it came too late.
            return Course.RUN
        if wait.metric is Metric.RESOLUTION and self._is_solved(at):
            return Course.SOLVED
        if wait.metric is Metric.UPDATE:
            idle |= WAITING_FOR_CUSTOMER
        return Course.PAUSE if wait.metric in PAUSABLE and status in idle else Course.RUN

    def _is_solved(self, at: datetime) -> bool:
        return any(start <= at and (end is None or at < end) for start, end in self.ticket.solved)


def _has_time_for(metric: Metric, plan: Plan | None) -> bool:
    target = plan.targets.get(metric) if plan else None
    return target is not None and target.duration is not None


def crossing(segments: Sequence[Segment], amount: timedelta) -> datetime | None:
    """The instant at which `amount` has been used, the last segment going on without end.

    None when it has not been used and the clock stands still, or its hours never add up to it.
    """
    left = amount
    for index, segment in enumerate(segments):
        if segment.course is not Course.RUN:
            continue
        last = index + 1 == len(segments)
        if last or left <= segment.used:
            reached = _reached(segment, left)
            if last or (reached and reached <= segment.end):
                return reached
        left -= segment.used
    return None


def _reached(segment: Segment, amount: timedelta) -> datetime | None:
    try:
        return segment.calendar.add(segment.start, amount)
    except CalendarError:
        return None
