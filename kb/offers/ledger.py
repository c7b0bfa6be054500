"""The ledger as it is read: what was given and taken back, by team and month, against the budgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum

from kb.offers.models import Budget, LedgerEntry
from tickets.models import Ticket
from tickets.people.models import Team, User

PAGE, MONTHS = 50, 24
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Row:
    """One booking; ``is_open`` says whether the reader sees its ticket."""

    entry: LedgerEntry
    is_open: bool


@dataclass(frozen=True, slots=True)
class Sums:
    """What one team gave in a month, in the base currency, and what its budget leaves."""

    team: Team
    given: Decimal = _NOTHING
    back: Decimal = _NOTHING
    count: int = 0
    budget: Budget | None = None

    @property
    def net(self) -> Decimal:
        return self.given - self.back


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row] = field(default_factory=list)
    sums: list[Sums] = field(default_factory=list)
    before: int | None = None  # where the next page begins

    @property
    def total(self) -> Sums:
        """All teams of the page together."""
        return Sums(
            Team(name="All"),
            sum((each.given for each in self.sums), _NOTHING),
            sum((each.back for each in self.sums), _NOTHING),
            sum(each.count for each in self.sums),
        )


def page(*, reader: User, teams: Sequence[Team], month: date, before: int | None = None) -> Page:
    """A month of these teams, newest first; a fixed number of queries."""
    booked = LedgerEntry.objects.filter(team__in=teams, **_within(month))
    found = list(_rows(booked, before))
    shown = [each.grant.ticket_id for each in found[:PAGE]]
    seen = Ticket.objects.reachable_by(reader).filter(pk__in=shown).order_by()
    visible = set(seen.values_list("pk", flat=True))
    return Page(
        rows=[Row(each, each.grant.ticket_id in visible) for each in found[:PAGE]],
        sums=_sums(booked, teams, month),
        before=found[PAGE - 1].pk if len(found) > PAGE else None,
    )


def months(now: datetime) -> list[date]:
    """The first days of this month where the company is, and of those before it."""
    here = now.astimezone(ZoneInfo(settings.TIME_ZONE))
    whole = here.year * 12 + here.month - 1
    return [date(each // 12, each % 12 + 1, 1) for each in range(whole, whole - MONTHS, -1)]


def _within(month: date) -> dict[str, datetime]:
    zone = ZoneInfo(settings.TIME_ZONE)
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    starts = [datetime(each.year, each.month, 1, tzinfo=zone) for each in (month, following)]
    return {"at__gte": starts[0], "at__lt": starts[1]}


def _rows(booked: QuerySet[LedgerEntry], before: int | None) -> QuerySet[LedgerEntry]:
    last = LedgerEntry.objects.filter(pk=before).first() if before is not None else None
    if last is not None:
        booked = booked.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk))
    people = ("by", "grant__requested_by", "grant__decided_by")
    rows = booked.select_related("team", "grant__offer", "grant__order", "grant__ticket", *people)
    return rows.order_by("-at", "-pk")[: PAGE + 1]


def _sums(booked: QuerySet[LedgerEntry], teams: Sequence[Team], month: date) -> list[Sums]:
    """Of each team that gave something or has a budget, in the order of ``teams``."""
    given = Sum("cost", filter=Q(is_reversal=False), default=_NOTHING)
    back = Sum("cost", filter=Q(is_reversal=True), default=_NOTHING)
    count = Count("pk", filter=Q(is_reversal=False))
    rows = booked.order_by().values("team").annotate(given=given, back=back, count=count)
    booked_by = {row["team"]: row for row in rows}
    budgets = {each.team_id: each for each in Budget.objects.filter(team__in=teams, month=month)}
    found = []
    for team in teams:
        row = booked_by.get(team.pk)
        if row:
            back_then = -row["back"]
            found.append(Sums(team, row["given"], back_then, row["count"], budgets.get(team.pk)))
        elif team.pk in budgets:
            found.append(Sums(team, budget=budgets[team.pk]))
    return found
