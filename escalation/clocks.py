"""refresh(): replay a ticket's facts, store its clocks, and show the ticket what lists show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from escalation import matching
from escalation.climbing import end
from escalation.deeds import Deeds
from escalation.loading import Config
from escalation.models import Binding, Clock, Escalation
from escalation.models.clocks import LIVE
from escalation.resuming import resume
from escalation.sla.explain import Explanation, explain
from escalation.sla.ladder import next_fact, next_rung
from escalation.sla.state import ClockState, State
from escalation.sla.values import Fact, Metric
from escalation.standing import Climb, Standing, Ticking, read
from tickets.models import Ticket

# What an answer to the customer satisfies.
ANSWERABLE = frozenset({Metric.FIRST_REPLY, Metric.NEXT_REPLY, Metric.UPDATE})
ENDINGS = {
    State.MET: "The deadline was met.",
    State.MET_LATE: "It was done, late.",
    State.CANCELLED: "The clock was cancelled.",
}
PASSED = "The deadline has passed; the missed deadline climbs on."


def refresh(
    *,
    ticket: Ticket,
    now: datetime,
    config: Config | None = None,
    ended: str = "",
    resumed: bool = False,
) -> None:
    """Stores how the ticket's clocks stand now. Call it under the ticket's lock.

    Acts on nothing: what is due is left to the sweep, which finds the rows within a second.
    ``ended`` ends every climb and says why (rule 13); ``resumed`` brings back what solving ended.
    """
    config = config or matching.configuration(now)
    with transaction.atomic(savepoint=False):
        standing = stand(ticket, config, now)
        deeds = Deeds(now)
        if ended:
            for climb in standing.climbs:
                end(climb.row, ended, now)
        elif resumed:
            resume(standing)
        settle(standing, deeds)
        deeds.carry_out([standing])


def begin(*, ticket: Ticket, fact: Fact, binding: Binding, config: Config, now: datetime) -> None:
    """The first clocks of a ticket that has just been opened: there is nothing to read yet."""
    standing = Standing(ticket, config, now, [fact], [config.plan(binding)])
    deeds = Deeds(now, retime=False)
    settle(standing, deeds)
    deeds.carry_out([standing])


def stand(ticket: Ticket, config: Config, now: datetime) -> Standing:
    """How one ticket stands; binds it first where nobody has."""
    (standing,) = read([ticket], config, now)
    if not standing.plans and standing.facts:
        binding = matching.bind_first(ticket=ticket, config=config, at=ticket.opened_at, now=now)
        standing = replace(standing, plans=[config.plan(binding)])
    return standing


def explain_clock(clock: Clock, zone: ZoneInfo, now: datetime) -> Explanation | None:
    """Why this deadline? The engine's account in the reader's zone; None for a forgotten clock."""
    return explain_clocks(clock.ticket, [clock], zone, now).get(clock.pk)


def explain_clocks(
    ticket: Ticket, clocks: Iterable[Clock], zone: ZoneInfo, now: datetime
) -> dict[int, Explanation]:
    """The same for several clocks of one ticket, by number, from one replay."""
    standing = stand(ticket, matching.configuration(now), now)
    states = {clock.pk: standing.state_of(clock) for clock in clocks}
    return {pk: explain(state, now, zone) for pk, state in states.items() if state}


def settle(standing: Standing, deeds: Deeds) -> None:
    """Brings the rows in line with the replay, and notes what the ticket shows of them."""
    settle_rows(standing)
    show(standing, deeds)


def settle_rows(standing: Standing) -> None:
    seen = set()
    for state in standing.states:
        ticking = standing.ticking(state)
        seen.add(ticking.identity)
        _store(ticking, state)
    for key, ticking in standing.clocks.items():
        if key not in seen:
            _forget(ticking.row, standing.now)
    for climb in standing.climbs:
        _settle_climb(climb, standing)


def show(standing: Standing, deeds: Deeds) -> None:
    """What lists show of the clocks, one UPDATE, only where it differs."""
    fields = dict(_changes(standing))
    if fields:
        deeds.shown.append((standing.ticket, fields))


def _store(ticking: Ticking, state: ClockState) -> None:
    row = ticking.row
    row.state = state.state.value
    row.version_id = int(state.plan.key) if state.plan.key else None
    row.started_at, row.due_at = state.started_at, state.due_at
    row.breached_at, row.satisfied_at = state.breached_at, state.satisfied_at
    row.stopped_at = state.stopped_at
    due = next_fact(state, ticking.done)
    if row.parked_at and (due is None or row.state not in LIVE):
        row.parked_at = None
    row.next_step_at = due.at if due and not row.parked_at else None


def _forget(row: Clock, now: datetime) -> None:
    """The replay knows no such clock any more: nobody waits."""
    if row.state in LIVE:
        row.state, row.stopped_at = State.CANCELLED.value, now
    row.due_at = row.due_at if row.breached_at else None
    row.next_step_at = row.parked_at = None


def _settle_climb(climb: Climb, standing: Standing) -> None:
    row = climb.row
    if not row.is_under_way:
        return
    state = standing.state_of(row.clock) if row.clock else None
    warning = row.trigger == Escalation.Trigger.WARNING
    if row.clock and (state is None or state.finished):
        end(row, ENDINGS[state.state if state else State.CANCELLED], standing.now)
    elif warning and state and state.state is State.BREACHED:
        end(row, PASSED, standing.now)
    elif (
        row.state != Escalation.State.OPEN
        or row.parked_at
        or (warning and state and state.state is State.PAUSED)
    ):
        row.next_step_at = None
    else:
        path = standing.config.path(row.path_version_id)
        due = next_rung(path, row.started_at, climb.told, standing.now)
        row.next_step_at = due.at if due else None


def _changes(standing: Standing) -> Iterator[tuple[str, Any]]:
    for name, value in _shown(standing).items():
        if getattr(standing.ticket, name) != value:
            yield name, value


def _shown(standing: Standing) -> dict[str, Any]:
    unfinished = [state for state in standing.states if not state.finished]
    dated = [(state.due_at, state.metric) for state in unfinished if state.due_at]
    first = min(dated, default=None)
    answers = [at for at, metric in dated if metric in ANSWERABLE]
    solving = [at for at, metric in dated if metric is Metric.RESOLUTION]
    levels = [climb.row.level for climb in standing.climbs if climb.row.is_under_way]
    return {
        "next_due_at": first[0] if first else None,
        "next_due_metric": first[1].value if first else "",
        "is_late": any(state.state is State.BREACHED for state in unfinished),
        "is_paused": first is None and any(state.paused_since for state in unfinished),
        "answer_due_at": min(answers, default=None),
        "solve_due_at": min(solving, default=None),
        "escalation_level": max(levels, default=0),
    }
