"""A ticket's clocks as its page tells them: what is left, why one stands still, what comes next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from escalation import loading
from escalation.coming import Coming, coming, coming_first
from escalation.models import Clock
from escalation.notify import Crew
from escalation.sla import wording
from escalation.sla.ladder import BREACH, StepKey, StepKind
from escalation.sla.openings import Hours, Opening, hours_at, open_stretches
from escalation.sla.state import ClockState, Course, State
from escalation.sla.values import Path, Plan
from escalation.standing import Standing, Ticking, read
from tickets.models import Ticket
from tickets.words import METRICS, Badge, clock_badge

_WAITS = {
    "pending": "waiting for the customer",
    "on_hold": "on hold, waiting for us or for somebody else",
    "solved": "the ticket is solved",
    "closed": "the ticket is closed",
}


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a target in its own terms; ``stretches`` are open hours up to the deadline."""

    length: timedelta
    hours: str = ""
    stretches: tuple[Opening, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """One clock; ``waits`` says why it is paused, ``closed`` until when its hours are closed."""

    clock: Clock
    name: str
    badge: Badge
    left: Left | None = None
    waits: str = ""
    paused_since: datetime | None = None
    closed: Hours | None = None
    next: Coming | None = None


@dataclass(frozen=True, slots=True)
class Clocks:
    """Those that run or are paused, the first to break first; those that are over, newest first."""

    live: list[Shown]
    finished: list[Shown]
    plan: Plan | None


def clocks_of(ticket: Ticket, now: datetime) -> Clocks:
    """As many queries for one clock as for many; the people are read only where one is told next."""
    config, crew = loading.current(), Crew(now)
    (standing,) = read([ticket], config, now)
    ticking = sorted(
        standing.clocks.values(), key=lambda each: (each.row.started_at, each.row.pk), reverse=True
    )
    live = [_live(each, standing, crew, now) for each in ticking if each.row.is_live]
    finished = [shown(each.row, now) for each in ticking if not each.row.is_live]
    plan = standing.plans[-1] if standing.plans else None
    return Clocks(sorted(live, key=_by_deadline), finished, plan)


def shown(clock: Clock, now: datetime) -> Shown:
    """A clock by its row alone."""
    name = METRICS.get(clock.metric, clock.metric)
    return Shown(clock, name, _badge(clock, now))


def _live(ticking: Ticking, standing: Standing, crew: Crew, now: datetime) -> Shown:
    row, state = ticking.row, standing.state_of(ticking.row)
    told = shown(row, now)
    if state is None or state.finished:
        return told
    is_paused = state.paused_since is not None
    return Shown(
        row, told.name, told.badge,
        left=_left(state, now),
        waits=_why(state) if is_paused else "",
        paused_since=state.paused_since,
        closed=None if is_paused else _closed(state, now),
        next=None if is_paused or row.parked_at else _next(ticking, state, standing, crew, now),
    )  # fmt: skip


def _left(state: ClockState, now: datetime) -> Left | None:
    """None where it is late, or has no deadline to come to."""
    if state.paused_since is None and (state.due_at is None or state.due_at < now):
        return None
    calendar = state.target.calendar
    if calendar is None or state.due_at is None:
        return Left(state.remaining, _hours(state)) if state.remaining > timedelta(0) else None
    stretches = open_stretches(calendar, now, state.due_at)
    length = sum((end - start for start, end in stretches), timedelta(0))
    return Left(length, _hours(state), tuple(stretches))


def _hours(state: ClockState) -> str:
    calendar = state.target.calendar
    return (calendar.name or "working hours") if calendar else ""


def _why(state: ClockState) -> str:
    last = state.segments[-1] if state.segments else None
    if last is None or last.course is Course.RUN:
        return ""
    return _WAITS.get(last.status, wording.status(last.status))


def _closed(state: ClockState, now: datetime) -> Hours | None:
    """Its hours, where they are closed now and the deadline is still to come."""
    calendar = state.target.calendar
    if calendar is None or state.due_at is None or state.due_at <= now:
        return None
    hours = hours_at(calendar, now)
    return None if hours.is_open else hours


def _next(
    ticking: Ticking, state: ClockState, standing: Standing, crew: Crew, now: datetime
) -> Coming | None:
    """Whoever is told first, by what climbs already or by what has yet to begin."""
    ticket, config = standing.ticket, standing.config
    found = [
        coming(climb.row, ticket, config=config, crew=crew, now=now, told=climb.told)
        for climb in standing.climbs
        if climb.row.clock_id == ticking.row.pk
    ]
    found += [
        coming_first(path, at, ticket, config=config, crew=crew)
        for at, path in _starts(ticking, state)
    ]
    return min(filter(None, found), key=lambda each: each.at, default=None)


def _starts(ticking: Ticking, state: ClockState) -> Iterator[tuple[datetime, Path]]:
    """The climbs that its warnings and its breach will begin."""
    target = state.target
    if target.warning_path and BREACH not in ticking.done:
        for threshold, at in state.warnings:
            if StepKey(StepKind.WARNING, threshold.key) not in ticking.done:
                yield at, target.warning_path
    if target.path and state.due_at and state.state is State.RUNNING:
        yield state.due_at, target.path


def _badge(clock: Clock, now: datetime) -> Badge:
    if not clock.is_live:
        tones = {"met": "calm", "met_late": "paused", "cancelled": "none"}
        return Badge(tones[clock.state], clock.get_state_display().lower())
    if clock.state == State.RUNNING and clock.due_at is None:
        return Badge("none", "no deadline")
    if clock.due_at is None:
        return Badge("paused", "late, paused" if clock.breached_at else "paused")
    return clock_badge(
        status="open", due_at=clock.due_at, metric=clock.metric, is_paused=False, now=now
    )


def _by_deadline(each: Shown) -> tuple[bool, datetime, int]:
    due = each.clock.due_at
    return (due is None, due or each.clock.started_at, each.clock.pk)
