"""Climbs that come back: the ticket was reopened or handed back late, or its matter goes on on another
ticket."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from escalation import climbing
from escalation.models import Clock, ClockStep, Escalation
from escalation.sla.ladder import BREACH
from escalation.sla.state import ClockState, State
from escalation.sla.values import Metric
from escalation.standing import CLIMB_FIELDS, Climb, Standing, Ticking, snapshot
from tickets.models import Ticket

SOLVED = "The ticket was solved."
Trigger = Escalation.Trigger
LONGEST_KEY = 120


def resume(standing: Standing) -> None:
    """Brings back what an active ticket still needs; asked twice, it does so once."""
    if standing.ticket.is_active:
        ended = list(
            Escalation.objects.filter(
                ticket=standing.ticket, state=Escalation.State.ENDED
            ).order_by("pk")
        )
        _take_over_again(standing, ended)
        for state in standing.states:
            _climb_again(standing, state, ended)
        _go_on_after_merges(standing)


def go_on(standing: Standing, handed_back: Collection[Escalation], by: str) -> None:
    """A take-over stops a climb for as long as it lasts: what is late still climbs anew from now.

    Answered meanwhile, it has nothing to climb for. Asked for with the take-overs that just ended.
    """
    were = {row.clock_id for row in handed_back if row.trigger == Trigger.BREACH}
    for state in standing.states:
        ticking = standing.ticking(state)
        if ticking.row.pk in were and state.state is State.BREACHED:
            earlier = Escalation.objects.filter(trigger=Trigger.BREACH, clock=ticking.row)
            climbing.start_late(
                standing, ticking.row, state, at=standing.now, times=earlier.count(),
                because=f"Handed back by {by}: ",
            )  # fmt: skip


def carry_breach(ticket: Ticket, callback: str) -> bool:
    """A promised call that was late before a merge brought it here is not late a second time.

    What was acted on there counts as acted on here; the climb goes on. Returns whether it was late.
    """
    clocks = Clock.objects.filter(metric=Metric.CALLBACK, subject=callback)
    late = ClockStep.objects.filter(
        clock__in=clocks.exclude(ticket=ticket), kind=ClockStep.Kind.BREACH
    ).select_related("clock").order_by("at").first()  # fmt: skip
    here = clocks.filter(ticket=ticket).order_by("cycle").last()
    if late is None or here is None:
        return False
    ClockStep.objects.get_or_create(
        clock=here, kind=late.kind, key=late.key,
        defaults={"at": late.at, "acted_at": late.acted_at},
    )  # fmt: skip
    Clock.objects.filter(pk=here.pk).update(detected_at=late.clock.detected_at)
    return True


def merged_into(reference: str) -> str:
    return f"The ticket was merged into {reference}."


def _go_on_after_merges(standing: Standing) -> None:
    """What nobody has answered on a ticket that was merged away climbs here; clocks do already."""
    rows = Escalation.objects.filter(
        ticket__merged_into=standing.ticket,
        clock=None,
        state=Escalation.State.ENDED,
        ended_because=merged_into(standing.ticket.reference),
        acknowledged_at=None,
        taken_over_at=None,
    )
    known = set(standing.ticket.escalations.values_list("trigger", "key"))
    for row in rows.select_related("ticket").order_by("pk"):
        key = f"{row.key}@{row.ticket.reference}"[-LONGEST_KEY:]
        if (row.trigger, key) not in known and not _climbs_already(standing, row):
            climbing.start(
                standing, trigger=Trigger(row.trigger), key=key, path_version=row.path_version_id,
                because=f"{row.because} (From {row.ticket.reference}, which was merged into this.)",
                at=standing.now, rule=row.rule, actor=row.started_by,
            )  # fmt: skip


def _climbs_already(standing: Standing, row: Escalation) -> bool:
    """A ticket waits for a supervisor once, and has each rule's climb once."""
    return any(
        climb.row.trigger == row.trigger
        and (climb.row.key == row.key or row.trigger == Trigger.HAND_OVER)
        for climb in standing.climbs
    )


def _take_over_again(standing: Standing, ended: Iterable[Escalation]) -> None:
    """Whoever has the ticket still holds it, and must be able to hand it back, all the way down.

    What they took over with it, a breach say, stays in their hands and climbs no higher (rule 13).
    """
    held = [row for row in ended if row.ended_because == SOLVED and row.taken_over_at is not None]
    last = max(held, key=lambda row: (row.taken_over_at, row.pk), default=None)
    if last is None or last.taken_over_by_id != standing.ticket.assignee_id:
        return
    for row in (row for row in held if row.ended_at == last.ended_at):
        climb = Climb(row, snapshot(row, CLIMB_FIELDS))
        row.state, row.ended_at, row.ended_because = Escalation.State.TAKEN_OVER, None, ""
        standing.climbs.append(climb)


def _climb_again(standing: Standing, state: ClockState, ended: Iterable[Escalation]) -> None:
    """A clock's breach is acted on once: a climb that solving ended needs a new one."""
    ticking = standing.ticking(state)
    if state.state is not State.BREACHED or BREACH not in ticking.done:
        return
    earlier = [row for row in ended if _is_of(row, ticking)]
    under_way = any(_is_of(climb.row, ticking) for climb in standing.climbs)
    if not under_way and all(row.ended_because == SOLVED for row in earlier[-1:]):
        climbing.start_late(
            standing, ticking.row, state, at=standing.now, times=len(earlier),
            because="The ticket was reopened: ",
        )  # fmt: skip


def _is_of(row: Escalation, ticking: Ticking) -> bool:
    return row.trigger == Trigger.BREACH and row.clock_id == ticking.row.pk
