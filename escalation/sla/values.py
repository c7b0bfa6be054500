"""What the engine is told: facts, targets, plans and paths, all immutable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


class Metric(StrEnum):
    FIRST_REPLY = "first_reply"
    NEXT_REPLY = "next_reply"
    UPDATE = "update"
    RESOLUTION = "resolution"
    CALLBACK = "callback"
    EXPERT_ANSWER = "expert_answer"


class FactKind(StrEnum):
    OPENED = "opened"
    CUSTOMER_MESSAGE = "customer_message"
    REPLY_RELEASED = "reply_released"
    CALL_REACHED = "call_reached"
    CALL_ATTEMPTED = "call_attempted"
    CALL_TO_ANOTHER = "call_to_another"
    PROGRESS = "progress"
    STATUS = "status"
    CALLBACK_PROMISED = "callback_promised"
    CALLBACK_WITHDRAWN = "callback_withdrawn"
    EXPERT_ASKED = "expert_asked"
    EXPERT_ANSWERED = "expert_answered"
    EXPERT_WITHDRAWN = "expert_withdrawn"
    MERGED_AWAY = "merged_away"
    MERGED_IN = "merged_in"
    BREACH_RECORDED = "breach_recorded"


class CalendarLike(Protocol):
    """What a clock needs of a calendar: `hours.WorkCalendar` and `CalendarHistory` both have it."""

    @property
    def name(self) -> str: ...

    @property
    def zone(self) -> str: ...

    def add(self, start: datetime, duration: timedelta) -> datetime: ...

    def between(self, start: datetime, end: datetime) -> timedelta: ...

    def is_open(self, at: datetime) -> bool: ...

    def intervals(self, start: datetime, end: datetime) -> Sequence[tuple[datetime, datetime]]: ...


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened to a ticket at `at`, and that we learned of at `recorded_at`.

    `number` grows with each fact written: of two of one kind and instant the later written is later.
    `promises` are those that a call is about; None where it was written before calls said so.
    """

    kind: FactKind
    at: datetime
    recorded_at: datetime
    status: str = ""
    subject: str = ""
    wait_since: datetime | None = None
    due_at: datetime | None = None
    metric: Metric | None = None
    cycle: int = 0
    number: int = 0
    promises: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Threshold:
    """A warning point: `percent` of the target, or a time `before` the deadline; one of the two."""

    percent: int | None = None
    before: timedelta | None = None

    def __post_init__(self) -> None:
        if (self.percent is None) == (self.before is None):
            raise ValueError("A threshold is either a percentage or a time before the deadline.")
        if self.percent is not None and not 0 < self.percent < 100:
            raise ValueError("A warning percentage lies between 1 and 99.")
        if self.before is not None and self.before <= timedelta(0):
            raise ValueError("A warning comes a positive time before the deadline.")

    @property
    def key(self) -> str:
        """A stable name, another for each: `90%`, `-15m`, `-2h`, `-90s`, `-1.000001s`."""
        if self.before is None:
            return f"{self.percent}%"
        seconds, fraction = divmod(self.before, timedelta(seconds=1))
        if fraction:
            return f"-{seconds}.{fraction.microseconds:06}".rstrip("0") + "s"
        if seconds % 3600 == 0:
            return f"-{seconds // 3600}h"
        return f"-{seconds}s" if seconds % 60 else f"-{seconds // 60}m"


@dataclass(frozen=True, slots=True)
class Step:
    """One level of a path; who is told and how is resolved from (path key, level).

    `delay` counts from the start of the climb, in `calendar` or elapsed when that is None; with
    `after`, from the last telling of all levels up to that one, where a path continues another.
    The step then repeats `repeats` more times, `every` so often, until acknowledged.
    """

    level: int
    delay: timedelta
    calendar: CalendarLike | None = None
    repeats: int = 0
    every: timedelta | None = None
    label: str = ""
    after: int = 0

    def __post_init__(self) -> None:
        if self.delay < timedelta(0):
            raise ValueError("A step cannot come before its path starts.")
        if self.after >= self.level:
            raise ValueError("A step comes after lower levels, never after itself.")
        if self.repeats < 0 or (self.repeats and (self.every is None or not self.every)):
            raise ValueError("A repeating step needs the time between its repeats.")
        if self.every is not None and self.every < timedelta(0):
            raise ValueError("The time between repeats cannot be negative.")


@dataclass(frozen=True, slots=True)
class Path:
    key: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """What one metric owes: `duration` None is a real "no target", `calendar` None elapsed time.

    `pause_on` names ticket statuses; `attempts` is how many unanswered calls fulfil a callback
    (0: only reaching the customer does).
    """

    metric: Metric
    duration: timedelta | None
    calendar: CalendarLike | None = None
    warnings: tuple[Threshold, ...] = ()
    path: Path | None = None
    warning_path: Path | None = None
    pause_on: frozenset[str] = frozenset()
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """The targets that hold for a ticket from `at` on: one version of one policy, one priority."""

    at: datetime
    targets: Mapping[Metric, Target]
    label: str = ""
    because: str = ""
    key: str = ""
    priority: str = ""
