"""The ladder: the next thing that happens to a clock, and when to look at it again."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta

from escalation.sla.rungs import Due, StepKey, StepKind, next_rung, rungs
from escalation.sla.state import ClockState, State

__all__ = ["BREACH", "ENDLESS", "Due", "StepKey", "StepKind", "next_fact", "next_rung", "rungs"]

BREACH = StepKey(StepKind.BREACH)
ENDLESS = StepKey(StepKind.ENDLESS)
FIRST_INSTANT_AFTER = timedelta(microseconds=1)


def next_fact(state: ClockState, done: Collection[StepKey]) -> Due | None:
    """The next warning or breach of this clock, overdue or to come; None when none ever will be.

    In their order: each warning once, then the breach, with its true instant even when the clock
    was met or cancelled before anybody looked. A warning whose breach is already recorded is
    skipped (rule 10). The climbs they start go by `next_rung`. A clock that no deadline ends has one
    fact to say, at once: that somebody has to decide instead.
    """
    if state.endless:
        return None if ENDLESS in done else Due(ENDLESS, state.started_at)
    coming = [] if BREACH in done else list(_warnings(state, done))
    if BREACH not in done and state.breached_at is not None:
        coming.append(Due(BREACH, state.breached_at))
    elif BREACH not in done and state.state is State.RUNNING and state.due_at is not None:
        coming.append(Due(BREACH, state.due_at + FIRST_INSTANT_AFTER))
    return min(coming, key=lambda due: due.at, default=None)


def _warnings(state: ClockState, done: Collection[StepKey]) -> Iterator[Due]:
    if state.finished:
        return
    for threshold, at in state.warnings:
        key = StepKey(StepKind.WARNING, threshold.key)
        if key not in done:
            yield Due(key, at)
