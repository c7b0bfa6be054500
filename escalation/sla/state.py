"""What the engine answers: where each clock of a ticket stands, and how it got there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from escalation.sla.values import CalendarLike, Metric, Plan, Target, Threshold


class State(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    MET_LATE = "met_late"
    CANCELLED = "cancelled"

    @property
    def finished(self) -> bool:
        return self in (State.MET, State.MET_LATE, State.CANCELLED)


class Course(StrEnum):
    """How a clock passed a stretch of its time."""

    RUN = "run"
    PAUSE = "pause"
    SOLVED = "solved"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one status under one plan; `used` is the open time it took from the target.

    `plan` is None before any plan with a target was in force: `calendar` is then the later one's.
    """

    start: datetime
    end: datetime
    course: Course
    status: str
    calendar: CalendarLike
    used: timedelta
    plan: Plan | None = None


@dataclass(frozen=True, slots=True)
class ClockState:
    """One clock, of (metric, cycle), and of one `subject` for callbacks and questions to experts.

    `due_at` is what the plan in force makes of the time used; None while paused or endless. After a retarget
    into the past it lies before `breached_at`, which is never backdated (rule 7). `remaining` is
    negative when late. `stopped_at` is set in every finished state, `satisfied_at` only where the
    clock was met. `promised_at` is the instant promised to the customer, which no plan moves.
    `breached_under` is the target whose path climbs: relaxing does not replace it.
    """

    metric: Metric
    cycle: int
    state: State
    started_at: datetime
    plan: Plan
    target: Target
    due_at: datetime | None
    used: timedelta
    remaining: timedelta
    subject: str = ""
    paused_since: datetime | None = None
    breached_at: datetime | None = None
    breached_under: Target | None = None
    satisfied_at: datetime | None = None
    stopped_at: datetime | None = None
    promised_at: datetime | None = None
    warnings: tuple[tuple[Threshold, datetime], ...] = ()
    segments: tuple[Segment, ...] = ()

    @property
    def finished(self) -> bool:
        return self.state.finished

    @property
    def endless(self) -> bool:
        """It runs, but its hours never add up to its target: there is no deadline to keep."""
        return self.state is State.RUNNING and self.due_at is None
