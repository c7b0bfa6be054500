"""Re-applying a policy's latest version to tickets that run under an older one (rule 8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max, OuterRef, QuerySet, Subquery

from escalation import loading
from escalation.clocks import refresh
from escalation.loading import Config
from escalation.models import Binding, Policy, PolicyVersion
from escalation.sla.clock import replay
from escalation.sla.state import ClockState, State
from escalation.sla.values import Metric
from escalation.standing import Standing, identity, read
from tickets import events
from tickets.models import Ticket, TicketEvent
from tickets.people.models import User

AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Move:
    """One clock of one ticket, as it is and as it would be; None where there is no deadline."""

    ticket: Ticket
    metric: Metric
    before: datetime | None
    after: datetime | None
    breaks: bool


def behind(policy: Policy) -> QuerySet[Ticket]:
    """The active tickets whose latest binding is to an older version of this policy."""
    last = Binding.objects.filter(ticket=OuterRef("pk")).order_by("-at", "-pk")
    older = policy.versions.exclude(pk=_latest(policy).pk)
    tickets = Ticket.objects.active().annotate(bound=Subquery(last.values("version")[:1]))
    return tickets.filter(bound__in=older.values("pk")).order_by("pk")


def preview(policy: Policy, now: datetime, limit: int = AT_ONCE) -> list[Move]:
    """What would move on the first ``limit`` of those tickets; changes nothing."""
    config, latest = loading.current(), _latest(policy)
    tickets = list(behind(policy).for_queue()[:limit])  # type: ignore[attr-defined]
    return [
        move
        for standing in read(tickets, config, now)
        for move in _moves(standing, config, latest, now)
    ]


def reapply(*, policy: Policy, actor: User, now: datetime) -> int:
    """Binds those tickets to the latest version from ``now`` on; returns how many.

    A chunk of tickets per transaction, each under its lock; what stops half-way can be repeated.
    """
    done = last = 0
    # Onwards by number, whatever happens to a ticket meanwhile: so it comes to an end.
    while chunk := list(behind(policy).filter(pk__gt=last).values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            done += _reapply(policy, chunk, actor, now)
        last = chunk[-1]
    return done


def _reapply(policy: Policy, chunk: list[int], actor: User, now: datetime) -> int:
    config, latest = loading.current(), _latest(policy)
    tickets = Ticket.objects.select_for_update(no_key=True).filter(pk__in=chunk).order_by("pk")
    for ticket in tickets:
        _bind(policy, latest, ticket, actor, now)
        refresh(ticket=ticket, now=now, config=config)
    return len(tickets)


def _bind(
    policy: Policy, latest: PolicyVersion, ticket: Ticket, actor: User, now: datetime
) -> None:
    # A change made while this one was on its way must not come to count after it.
    newest = Binding.objects.filter(ticket=ticket).aggregate(at=Max("at"))["at"]
    at = max(now, newest or now)
    because = f"{actor.name} applied version {latest.number} of «{policy.name}»."
    Binding.objects.create(
        ticket=ticket, version=latest, priority=ticket.priority, at=at, because=because,
        made_by=actor,
    )  # fmt: skip
    events.record(
        ticket, TicketEvent.Kind.POLICY_BOUND, at=at, now=now, actor=actor,
        policy=policy.name, version=latest.number, priority=ticket.priority, because=because,
    )  # fmt: skip


def _moves(
    standing: Standing, config: Config, latest: PolicyVersion, now: datetime
) -> Iterator[Move]:
    ticket = standing.ticket
    binding = Binding(ticket=ticket, version=latest, priority=ticket.priority, at=standing.now)
    after = replay(
        standing.facts, [*standing.plans, config.plan(binding)], standing.now, standing.numbered
    )
    before = {identity(state): state for state in standing.states}
    for state in after:
        old = before.pop(identity(state), None)
        if _due(old) != _due(state):
            breaks = state.state is State.BREACHED and not (old and old.breached_at)
            yield Move(ticket, state.metric, _due(old), _due(state), breaks)


def _due(state: ClockState | None) -> datetime | None:
    return None if state is None or state.finished else state.due_at


def _latest(policy: Policy) -> PolicyVersion:
    latest = policy.versions.order_by("number").last()
    if latest is None:
        raise LookupError(f"{policy} was never published.")
    return latest
