"""How tickets stand: their facts, plans and replayed clocks beside the rows that store them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from escalation import facts as events
from escalation.loading import Config
from escalation.models import Binding, Clock, ClockStep, Escalation, EscalationStep
from escalation.sla.clock import replay
from escalation.sla.ladder import StepKey, StepKind
from escalation.sla.numbering import Numbered
from escalation.sla.state import ClockState
from escalation.sla.values import Fact, Metric, Plan
from tickets.models import Ticket

Identity = tuple[str, int, str]

CLOCK_FIELDS = (
    "state", "version_id", "started_at", "due_at", "next_step_at", "breached_at", "detected_at",
    "satisfied_at", "stopped_at", "failures", "parked_at", "last_error",
)  # fmt: skip
CLIMB_FIELDS = (
    "state", "level", "next_step_at", "acknowledged_at", "acknowledged_by_id", "taken_over_at",
    "taken_over_by_id", "taken_from_id", "ended_at", "ended_because", "failures", "parked_at",
    "last_error",
)  # fmt: skip


@dataclass(slots=True)
class Ticking:
    """One clock: its row, what the row said when it was read, and what has been acted on."""

    row: Clock
    before: dict[str, object] | None = None
    done: set[StepKey] = field(default_factory=set)

    @property
    def identity(self) -> Identity:
        return (self.row.metric, self.row.cycle, self.row.subject)


@dataclass(slots=True)
class Climb:
    """One escalation under way, and the rungs it has told."""

    row: Escalation
    before: dict[str, object] | None = None
    told: set[StepKey] = field(default_factory=set)
    reached: bool = False


@dataclass(slots=True)
class Standing:
    """Everything about one ticket that its clocks and climbs depend on, at ``now``.

    Whoever waited for the ticket's lock may have read the clock before somebody recorded what is
    there now: ``now`` is never before the newest fact or plan, or a wait that has begun would look
    as if it had never been.
    """

    ticket: Ticket
    config: Config
    now: datetime
    facts: Sequence[Fact]
    plans: Sequence[Plan]
    clocks: dict[Identity, Ticking] = field(default_factory=dict)
    climbs: list[Climb] = field(default_factory=list)
    states: Sequence[ClockState] = ()

    def __post_init__(self) -> None:
        known = [fact.at for fact in self.facts] + [plan.at for plan in self.plans]
        self.now = max([self.now, *known])
        self.states = replay(self.facts, self.plans, self.now, self.numbered)

    @property
    def numbered(self) -> list[Numbered]:
        """The cycles that have rows: a wait keeps its number whatever is learned later."""
        rows = (each.row for each in self.clocks.values())
        return [Numbered(Metric(row.metric), row.cycle, row.started_at) for row in rows]

    def state_of(self, clock: Clock) -> ClockState | None:
        wanted = (clock.metric, clock.cycle, clock.subject)
        return next((state for state in self.states if identity(state) == wanted), None)

    def ticking(self, state: ClockState) -> Ticking:
        """The clock of a state; a row still to be stored where there is none yet."""
        key = identity(state)
        if key not in self.clocks:
            metric, cycle, subject = key
            self.clocks[key] = Ticking(
                Clock(ticket=self.ticket, metric=metric, cycle=cycle, subject=subject)
            )
        return self.clocks[key]


def identity(state: ClockState) -> Identity:
    return (Metric(state.metric).value, state.cycle, state.subject)


def read(tickets: Sequence[Ticket], config: Config, now: datetime) -> list[Standing]:
    """Six queries for however many tickets; the caller holds their locks."""
    numbers = [ticket.pk for ticket in tickets]
    facts = events.read(numbers)
    plans = _plans(numbers, config)
    clocks = _clocks(numbers)
    climbs = _climbs(numbers, config)
    _join(clocks, climbs)
    return [
        Standing(
            ticket, config, now, facts.get(ticket.pk, []), plans.get(ticket.pk, []),
            {each.identity: each for each in clocks.get(ticket.pk, [])},
            climbs.get(ticket.pk, []),
        )
        for ticket in tickets
    ]  # fmt: skip


def snapshot(row: Clock | Escalation, fields: Sequence[str]) -> dict[str, object]:
    return {name: getattr(row, name) for name in fields}


def _plans(tickets: Sequence[int], config: Config) -> dict[int, list[Plan]]:
    bindings = list(Binding.objects.filter(ticket__in=tickets).order_by("at", "pk"))
    config.remember(policies={binding.version_id for binding in bindings})
    found: dict[int, list[Plan]] = {}
    for binding in bindings:
        found.setdefault(binding.ticket_id, []).append(config.plan(binding))
    return found


def _clocks(tickets: Sequence[int]) -> dict[int, list[Ticking]]:
    rows = {row.pk: row for row in Clock.objects.filter(ticket__in=tickets).order_by("pk")}
    ticking = {pk: Ticking(row, snapshot(row, CLOCK_FIELDS)) for pk, row in rows.items()}
    if rows:
        steps = ClockStep.objects.filter(clock__ticket__in=tickets)
        for clock, kind, key in steps.values_list("clock_id", "kind", "key"):
            ticking[clock].done.add(StepKey(StepKind(kind), key))
    found: dict[int, list[Ticking]] = {}
    for each in ticking.values():
        found.setdefault(each.row.ticket_id, []).append(each)
    return found


def _climbs(tickets: Sequence[int], config: Config) -> dict[int, list[Climb]]:
    rows = Escalation.objects.filter(ticket__in=tickets, state__in=Escalation.UNDER_WAY)
    climbs = {row.pk: Climb(row, snapshot(row, CLIMB_FIELDS)) for row in rows.order_by("pk")}
    if climbs:
        config.remember(paths={climb.row.path_version_id for climb in climbs.values()})
        for step in EscalationStep.objects.filter(escalation__in=list(climbs)):
            climb = climbs[step.escalation_id]
            climb.told.add(StepKey(StepKind.STEP, str(step.level), step.repeat))
            climb.reached |= bool(step.told)
    found: dict[int, list[Climb]] = {}
    for each in climbs.values():
        found.setdefault(each.row.ticket_id, []).append(each)
    return found


def _join(clocks: dict[int, list[Ticking]], climbs: dict[int, list[Climb]]) -> None:
    """Climbs know their clocks without asking for them one by one."""
    rows = {each.row.pk: each.row for ticking in clocks.values() for each in ticking}
    for climb in (climb for several in climbs.values() for climb in several):
        if climb.row.clock_id is not None:
            climb.row.clock = rows[climb.row.clock_id]
