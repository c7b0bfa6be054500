"""The ladder: the next thing that happens to a clock, and when to look at it again."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from escalation.sla.rungs import Due, StepKey, StepKind, next_rung, rungs
from escalation.sla.state import ClockState, State

__all__ = ["BREACH", "WARNED", "Due", "StepKey", "StepKind", "next_rung", "next_step", "rungs"]

BREACH = StepKey(StepKind.BREACH)
WARNED = "warned-"
FIRST_INSTANT_AFTER = timedelta(microseconds=1)


def next_step(
    state: ClockState,
    done: Collection[StepKey],
    now: datetime,
    *,
    acknowledged_at: datetime | None = None,
) -> Due | None:
    """What happens to this clock next, overdue or to come; None when nothing ever will.

    First the facts in their order: each warning once, then the breach, with its true instant even
    when the clock was met or cancelled before anybody looked. A warning whose breach is already
    recorded is skipped (rule 10). Then the rungs of the breach's path, until the clock is met or
    cancelled, or someone acknowledged after the climb began (rules 11, 13). A warning may start a
    path of its own, climbing from the first warning until the breach.
    """
    if state.breached_at is not None and BREACH not in done:
        return _first([*_warnings(state, done), Due(BREACH, state.breached_at)])
    if state.finished:
        return None
    if state.breached_at is not None:
        return _climb(state, done, now, acknowledged_at)
    coming = [*_warnings(state, done), *_warned(state, done, now, acknowledged_at)]
    if state.state is State.RUNNING and state.due_at is not None and BREACH not in done:
        coming.append(Due(BREACH, state.due_at + FIRST_INSTANT_AFTER))
    return _first(coming)


def _first(coming: list[Due]) -> Due | None:
    return min(coming, key=lambda due: due.at, default=None)


def _warnings(state: ClockState, done: Collection[StepKey]) -> Iterator[Due]:
    if state.finished:
        return
    for threshold, at in state.warnings:
        key = StepKey(StepKind.WARNING, threshold.key)
        if key not in done:
            path = state.target.warning_path
            yield Due(key, at, path=path.key if path else "")


def _warned(
    state: ClockState,
    done: Collection[StepKey],
    now: datetime,
    acknowledged_at: datetime | None,
) -> Iterator[Due]:
    path = state.target.warning_path
    first = state.warnings[0][1] if state.warnings else None
    if path and first and first <= now and state.state is State.RUNNING:
        due = next_rung(path, first, done, now, acknowledged_at, WARNED)
        if due:
            yield due


def _climb(
    state: ClockState,
    done: Collection[StepKey],
    now: datetime,
    acknowledged_at: datetime | None,
) -> Due | None:
    path = state.breached_under.path if state.breached_under else None
    if path is None or state.breached_at is None:
        return None
    return next_rung(path, state.breached_at, done, now, acknowledged_at)
