"""The ticket's history in one well-defined order: its facts, statuses and solved times."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

from escalation.sla.values import Fact, FactKind, Plan

FINISHED = frozenset({"solved", "closed"})
FIRST_STATUS = "new"

Window: TypeAlias = "tuple[datetime, datetime | None]"

# At one and the same instant an answer comes before a message, which it cannot have answered,
# a call before the callback promised in it, and a status after what was said along with it.
_RANK = {
    kind: rank
    for rank, kind in enumerate(
        (
            FactKind.OPENED,
            FactKind.REPLY_RELEASED,
            FactKind.CALL_REACHED,
            FactKind.CALL_ATTEMPTED,
            FactKind.CALL_TO_ANOTHER,
            FactKind.EXPERT_ANSWERED,
            FactKind.EXPERT_WITHDRAWN,
            FactKind.CALLBACK_WITHDRAWN,
            FactKind.PROGRESS,
            FactKind.CUSTOMER_MESSAGE,
            FactKind.MERGED_IN,
            FactKind.CALLBACK_PROMISED,
            FactKind.EXPERT_ASKED,
            FactKind.STATUS,
            FactKind.MERGED_AWAY,
            FactKind.BREACH_RECORDED,
        )
    )
}
_NEVER = datetime.max.replace(tzinfo=UTC)


def in_order(facts: Iterable[Fact], now: datetime) -> list[Fact]:
    """The facts that count by `now`, in the same order however they were given."""
    return sorted((fact for fact in facts if fact.at <= now), key=_place)


def _place(fact: Fact) -> tuple[object, ...]:
    return (
        fact.at,
        _RANK[fact.kind],
        fact.number,
        fact.recorded_at,
        fact.status,
        fact.subject,
        fact.wait_since or _NEVER,
        fact.due_at or _NEVER,
        fact.metric or "",
        fact.cycle,
        fact.promises is None,
        fact.promises or (),
    )


@dataclass(frozen=True, slots=True)
class Timeline:
    """A ticket up to an instant. Statuses before the opening read as empty."""

    facts: Sequence[Fact]
    opened_at: datetime | None = None
    merged_at: datetime | None = None
    statuses: tuple[tuple[datetime, str], ...] = ()
    solved: tuple[Window, ...] = ()

    @classmethod
    def of(cls, facts: Iterable[Fact], now: datetime) -> Timeline:
        """Everything up to `now`; after a ticket was merged away nothing more happens to it."""
        ordered = in_order(facts, now)
        merged_at = _first(ordered, FactKind.MERGED_AWAY)
        if merged_at is not None:
            ordered = [
                fact
                for fact in ordered
                if fact.at <= merged_at or fact.kind is FactKind.BREACH_RECORDED
            ]
        statuses = tuple(_statuses(ordered))
        opened_at = _first(ordered, FactKind.OPENED)
        return cls(ordered, opened_at, merged_at, statuses, tuple(_solved(statuses)))

    def status_at(self, at: datetime) -> str:
        index = bisect_right(self.statuses, at, key=lambda each: each[0])
        return self.statuses[index - 1][1] if index else ""

    def status_changes(self, start: datetime, end: datetime) -> list[datetime]:
        """The instants from `start` to `end`, both included, at which the status changed."""
        first = bisect_left(self.statuses, start, key=lambda each: each[0])
        last = bisect_right(self.statuses, end, key=lambda each: each[0])
        return [at for at, _ in self.statuses[first:last]]

    def of_kind(self, *kinds: FactKind) -> list[Fact]:
        return [fact for fact in self.facts if fact.kind in kinds]


@dataclass(frozen=True, slots=True)
class Reigns:
    """The plans one after the other; of two with the same instant the later given holds."""

    plans: Sequence[Plan] = field(default=())

    @classmethod
    def of(cls, plans: Iterable[Plan], now: datetime) -> Reigns:
        latest = {plan.at: plan for plan in plans if plan.at <= now}
        return cls(sorted(latest.values(), key=lambda plan: plan.at))

    def at(self, at: datetime) -> Plan | None:
        index = bisect_right(self.plans, at, key=lambda plan: plan.at)
        return self.plans[index - 1] if index else None

    def since(self, start: datetime, end: datetime) -> list[Plan]:
        """The plans that were in force at any time from `start` to `end`, the latest first."""
        first = max(bisect_right(self.plans, start, key=lambda plan: plan.at) - 1, 0)
        return [plan for plan in reversed(self.plans[first:]) if plan.at <= end]

    def changes(self) -> list[datetime]:
        return [plan.at for plan in self.plans]


def _first(facts: Iterable[Fact], kind: FactKind) -> datetime | None:
    return next((fact.at for fact in facts if fact.kind is kind), None)


def _statuses(facts: Iterable[Fact]) -> Iterable[tuple[datetime, str]]:
    seen = ""
    for fact in facts:
        if fact.kind is FactKind.OPENED and not seen:
            status = fact.status or FIRST_STATUS
        elif fact.kind is FactKind.STATUS:
            status = fact.status
        else:
            continue
        if status != seen:
            yield (fact.at, status)
        seen = status


def _solved(statuses: Sequence[tuple[datetime, str]]) -> Iterable[Window]:
    since: datetime | None = None
    for at, status in statuses:
        if status in FINISHED:
            since = since or at
        elif since is not None:
            yield (since, at)
            since = None
    if since is not None:
        yield (since, None)
