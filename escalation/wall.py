"""The numbers for a screen on the wall: what breaks next, what is late, who waits, how today goes.

Of tickets it has references and teams alone: whoever passes by reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db.models import Count as Counting
from django.db.models import Q, Value

from escalation.models import Clock, Escalation
from escalation.models.clocks import IS_AWAITED
from escalation.sla.state import State
from escalation.sla.values import Metric
from tickets.calls.models import FORGOTTEN, Call, Callback
from tickets.calls.querysets import CallbackQuerySet
from tickets.counting import Count, counted
from tickets.models import Ticket
from tickets.people.models import Absence, Team, User
from tickets.querysets import TicketQuerySet
from tickets.words import Badge, clock_badge

NEXT, MOST = 5, 999
# Of the tickets that changed today the last so many tell how today goes.
MOST_TODAY = 2_000
KEPT_FOR = 60  # seconds


@dataclass(frozen=True, slots=True)
class Breaking:
    reference: str
    team: str
    badge: Badge


@dataclass(frozen=True, slots=True)
class Today:
    opened: int
    solved: int
    answered: int
    in_time: int
    is_capped: bool

    @property
    def share(self) -> int | None:
        """First replies within their target, of a hundred; None where there was none yet."""
        return 100 * self.in_time // self.answered if self.answered else None


@dataclass(frozen=True, slots=True)
class Wall:
    next: list[Breaking]
    late: Count
    latest: str  # which has been late for the longest
    unassigned: Count
    escalated: Count
    oldest: tuple[str, datetime] | None
    today: Today
    at_work: int
    out: int
    on_calls: int


def wall(teams: Sequence[Team], *, now: datetime, day_began: datetime) -> Wall:
    """Everything, of ``teams`` alone; as many queries for any number of tickets."""
    numbers = [team.pk for team in teams]
    names = {team.pk: team.name for team in teams}
    active = Ticket.objects.active().filter(team__in=numbers)
    climbing = Escalation.objects.filter(
        state__in=Escalation.UNDER_WAY, level__gt=0, ticket__team__in=numbers
    )
    broken = _late(active, numbers, now)
    tickets = climbing.order_by().values_list("ticket").distinct()[: MOST + 1]
    return Wall(
        next=_next(active, names, now),
        late=Count(len(broken), MOST),
        latest=min(broken, key=lambda each: broken[each], default=""),
        unassigned=counted(active.filter(assignee=None), MOST),
        escalated=Count(len(tickets), MOST),
        oldest=_oldest(numbers),
        today=_remembered(numbers, day_began),
        **_people(numbers, now),
    )


def _late(active: TicketQuerySet, teams: Sequence[int], now: datetime) -> dict[str, datetime]:
    """Since when each is late, by reference: what is open, and what is done but for a call."""
    tickets = active.filter(next_due_at__lt=now).order_by("next_due_at", "pk")
    calls = _calls(teams).filter(expected_at__lt=now)
    late = tickets.values_list("reference", "next_due_at")[: MOST + 1]
    since = {reference: at for reference, at in late if at}
    for reference, at in calls.values_list("ticket__reference", "expected_at")[: MOST + 1]:
        since.setdefault(reference, at or now)
    return since


def _calls(teams: Sequence[int]) -> CallbackQuerySet:
    return Callback.objects.after_all().filter(ticket__team__in=teams)


def _next(active: TicketQuerySet, names: dict[int, str], now: datetime) -> list[Breaking]:
    tickets = active.filter(next_due_at__gte=now).order_by("next_due_at", "pk")
    calls = _calls(list(names)).filter(expected_at__gte=now)
    rows = [
        *tickets.values_list("reference", "team_id", "status", "next_due_at", "next_due_metric")[
            :NEXT
        ],
        *calls.values_list(
            "ticket__reference", "ticket__team_id", "ticket__status", "expected_at",
            Value(Metric.CALLBACK.value),
        )[: NEXT * 3],
    ]  # fmt: skip
    first: dict[str, Any] = {}
    for row in sorted(rows, key=lambda row: row[3] or now):
        first.setdefault(row[0], row)
    return [
        Breaking(
            reference,
            names[team],
            clock_badge(status=status, due_at=due_at, metric=metric, is_paused=False, now=now),
        )
        for reference, team, status, due_at, metric in list(first.values())[:NEXT]
    ]


def _oldest(teams: Sequence[int]) -> tuple[str, datetime] | None:
    """Who has waited longest for our answer: further words of theirs do not make it shorter."""
    rows = Clock.objects.filter(IS_AWAITED, ticket__team__in=teams)
    waits = rows.order_by("started_at", "pk").values_list("ticket__reference", "started_at")
    return waits.first()


def _remembered(teams: Sequence[int], day_began: datetime) -> Today:
    """Kept for a minute: many screens, and nobody sees it move."""
    key = f"wall:{day_began:%Y%m%d%H%M}:{','.join(map(str, sorted(teams)))}"[:230]
    known: Today | None = cache.get(key)
    if known is None:
        known = _today(teams, day_began)
        cache.set(key, known, KEPT_FOR)
    return known


def _today(teams: Sequence[int], day_began: datetime) -> Today:
    # What happened today has changed today, and there is an index by that.
    changed = Ticket.objects.filter(team__in=teams, updated_at__gte=day_began)
    latest = changed.order_by("-updated_at", "-pk")[: MOST_TODAY + 1]
    rows = list(latest.values_list("pk", "opened_at", "solved_at"))
    replies = _answered([pk for pk, _, _ in rows], day_began)
    return Today(
        opened=sum(opened >= day_began for _, opened, _ in rows),
        solved=sum(solved is not None and solved >= day_began for _, _, solved in rows),
        answered=replies["answered"],
        in_time=replies["in_time"],
        is_capped=len(rows) > MOST_TODAY,
    )


def _answered(tickets: Sequence[int], day_began: datetime) -> dict[str, int]:
    """First replies that were due today and came in time; what is late without one came not."""
    met, late = Q(satisfied_at__gte=day_began), Q(breached_at__gte=day_began)
    clocks = Clock.objects.filter(met | late, ticket__in=tickets, metric=Metric.FIRST_REPLY.value)
    return clocks.order_by().aggregate(
        answered=Counting("pk", filter=~Q(state=State.CANCELLED.value)),
        in_time=Counting("pk", filter=Q(state=State.MET.value)),
    )


def _people(teams: Sequence[int], now: datetime) -> dict[str, int]:
    working = [User.Role.AGENT, User.Role.SUPERVISOR]
    members = User.objects.filter(
        is_active=True, role__in=working, memberships__team__in=teams
    ).distinct()
    numbers = set(members.order_by().values_list("pk", flat=True))
    out = set(
        Absence.objects.at(now).filter(user__in=numbers).order_by().values_list("user", flat=True)
    )
    calls = Call.objects.under_way().filter(started_at__gt=now - FORGOTTEN, agent__in=numbers)
    on_calls = calls.order_by().values_list("agent").distinct()
    return {"at_work": len(numbers - out), "out": len(out), "on_calls": len(on_calls)}
