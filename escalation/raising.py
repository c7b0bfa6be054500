"""raise_next(): what is due now is acted on, once, whatever dies when; and people's answers to it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q

from escalation import climbing, matching
from escalation.authority import acknowledge, hand_back, hand_over, take_over
from escalation.clocks import settle_rows, show, stand
from escalation.deeds import Deeds
from escalation.loading import Config
from escalation.models import Clock, ClockStep, Escalation, Path
from escalation.notify import Crew
from escalation.sla import wording
from escalation.sla.ladder import BREACH, ENDLESS, Due, next_fact
from escalation.sla.state import ClockState, State
from escalation.standing import Standing, Ticking, read
from tickets.models import Ticket, TicketEvent

__all__ = ["acknowledge", "hand_back", "hand_over", "raise_next", "take_over"]

logger = logging.getLogger(__name__)

BATCH = 50
TRIES = 5
FIRST_DELAY = timedelta(seconds=30)
LONGEST_ERROR = 2000


def raise_next(now: datetime, *, limit: int = BATCH) -> bool:
    """Acts on what is due by ``now`` on up to ``limit`` tickets, the longest overdue first.

    One transaction: rows, events, assignments and outgoing mail together, or none of them. Tickets
    that another worker holds are skipped. A ticket that fails is set back and spoils nothing for
    the others. Returns whether there was anything to do.
    """
    with transaction.atomic():
        tickets = _lock_due(now, limit)
        if not tickets:
            return False
        config, crew = matching.configuration(now), Crew(now)
        try:
            with transaction.atomic():
                _advance(tickets, config, crew, now)
        except (OperationalError, InterfaceError):
            raise  # the database itself is in trouble: nothing was done, the next pass finds it all
        except Exception:
            logger.warning("A batch failed; each of its tickets is tried alone.", exc_info=True)
            _one_by_one(tickets, config, crew, now)
    return True


def _lock_due(now: datetime, limit: int) -> list[Ticket]:
    found: dict[int, Ticket] = {}
    for rows in (
        Clock.objects.filter(next_step_at__lte=now),
        Escalation.objects.filter(next_step_at__lte=now),
    ):
        first = rows.order_by("next_step_at", "pk")
        # Most passes find nothing, and ask the index alone; in its order, because a plan for
        # exists() that knows no values would rather read the table.
        if not first.values_list("pk")[:1]:
            continue
        due = (
            first.select_related(
                "ticket__requester__organization", "ticket__team", "ticket__category",
                "ticket__assignee",
            )
            .select_for_update(skip_locked=True, no_key=True, of=("ticket",))
        )  # fmt: skip
        found |= {row.ticket.pk: row.ticket for row in due[:limit]}
    return list(found.values())


def _advance(tickets: Sequence[Ticket], config: Config, crew: Crew, now: datetime) -> None:
    deeds = Deeds(now)
    standings = read(tickets, config, now)
    for index, standing in enumerate(standings):
        if not standing.plans:
            standings[index] = standing = stand(standing.ticket, config, now)
        _act(standing, deeds, crew)
    deeds.carry_out(standings)


def _one_by_one(tickets: Sequence[Ticket], config: Config, crew: Crew, now: datetime) -> None:
    for ticket in tickets:
        try:
            with transaction.atomic():
                _advance([_again(ticket)], config, crew, now)
        except (OperationalError, InterfaceError):
            raise
        except Exception as problem:
            logger.exception("Ticket %s could not be processed; set back.", ticket.reference)
            _set_back(ticket, now, problem)


def _again(ticket: Ticket) -> Ticket:
    """The ticket as the database has it: a failed attempt may have changed the object."""
    related = ("requester__organization", "team", "category", "assignee")
    return Ticket.objects.select_related(*related).get(pk=ticket.pk)


def _act(standing: Standing, deeds: Deeds, crew: Crew) -> None:
    for state in standing.states:
        _act_on_clock(standing, state, deeds)
    settle_rows(standing)
    for climb in standing.climbs:
        row = climb.row
        if row.next_step_at is not None and row.next_step_at <= standing.now:
            climbing.tell_due(climb, standing, deeds, crew)
        row.failures, row.last_error = 0, ""
    for ticking in standing.clocks.values():
        ticking.row.failures, ticking.row.last_error = 0, ""
    show(standing, deeds)


def _act_on_clock(standing: Standing, state: ClockState, deeds: Deeds) -> None:
    ticking = standing.ticking(state)
    if ticking.row.parked_at:
        return
    while (due := next_fact(state, ticking.done)) and due.at <= standing.now:
        ticking.done.add(due.key)
        deeds.clock_steps.append(
            ClockStep(
                clock=ticking.row, kind=due.key.kind, key=due.key.key, at=due.at,
                acted_at=standing.now,
            )
        )  # fmt: skip
        if due.key == BREACH:
            _breach(standing, ticking, state, deeds)
        elif due.key == ENDLESS:
            _flag_endless(standing, state, deeds)
        else:
            _warn(standing, ticking, state, due, deeds)


def _warn(standing: Standing, ticking: Ticking, state: ClockState, due: Due, deeds: Deeds) -> None:
    """Recorded with its true instant; it alarms nobody once the deadline itself has passed."""
    late = state.state is not State.RUNNING
    deeds.record(
        standing.ticket, TicketEvent.Kind.WARNED, due.at, metric=state.metric.value,
        cycle=state.cycle, subject=state.subject, threshold=due.key.key,
        due_at=state.due_at.isoformat() if state.due_at else None, late=late,
    )  # fmt: skip
    path = state.target.warning_path
    if path and not late:
        climbing.supersede(standing, ticking.row, "A later warning took its place.")
        climbing.start(
            standing, trigger=Escalation.Trigger.WARNING, key=f"{climbing.cause(state)}:{due.key.key}",
            path_version=int(path.key) or None, because=f"{climbing.what(state)} is due soon.", at=due.at,
            clock=ticking.row,
        )  # fmt: skip


def _breach(standing: Standing, ticking: Ticking, state: ClockState, deeds: Deeds) -> None:
    """Recorded with its true instant, even where it was answered before anybody looked."""
    assert state.breached_at is not None  # noqa: S101  the ladder only says so when it is
    ticking.row.detected_at = standing.now
    deeds.record(
        standing.ticket, TicketEvent.Kind.BREACHED, state.breached_at, metric=state.metric.value,
        cycle=state.cycle, subject=state.subject, detected_at=standing.now.isoformat(),
        due_at=state.due_at.isoformat() if state.due_at else None,
    )  # fmt: skip
    climbing.start_late(standing, ticking.row, state, at=state.breached_at)


def _flag_endless(standing: Standing, state: ClockState, deeds: Deeds) -> None:
    """A schedule that cannot be kept costs no mail: a person decides, and an admin mends it."""
    words = (
        f"{climbing.what(state)} has no deadline: {wording.endless(state.target)}, as "
        f"{state.plan.label} asks. Somebody has to see to it, and an admin to the schedule."
    )
    logger.error("Ticket %s: %s", standing.ticket.reference, words)
    deeds.record(standing.ticket, TicketEvent.Kind.FLAGGED, standing.now, because=words)
    climbing.start(
        standing, trigger=Escalation.Trigger.FLAG, key=f"endless:{climbing.cause(state)}",
        path_version=standing.config.path_for(Path.Purpose.FLAG), because=words, at=standing.now,
    )  # fmt: skip


def _set_back(ticket: Ticket, now: datetime, problem: Exception) -> None:
    """Tried again later and later; after a few tries parked, where a supervisor sees it."""
    due = Q(ticket=ticket, next_step_at__lte=now)
    rows: list[Clock | Escalation] = [*Clock.objects.filter(due), *Escalation.objects.filter(due)]
    for row in rows:
        failures = row.failures + 1
        parked = failures >= TRIES
        type(row)._default_manager.filter(pk=row.pk, failures=row.failures).update(
            failures=failures,
            next_step_at=None if parked else now + FIRST_DELAY * 4 ** (failures - 1),
            parked_at=now if parked else None,
            last_error=f"{type(problem).__name__}: {problem}"[:LONGEST_ERROR],
        )
