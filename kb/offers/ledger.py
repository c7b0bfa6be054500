"""The ledger as it is read: what was given and reversed, by team and month, against the budgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from kb.offers.models import Budget, Grant, LedgerEntry
from kb.offers.months import begins, following, month_of
from tickets.models import Ticket
from tickets.people.models import Team, User

PAGE = 50
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


def page(
    *,
    reader: User,
    teams: Sequence[Team],
    month: date | None,
    before: int | None = None,
    is_untold: bool = False,
) -> Page:
    """A month of these teams, or all of them, newest first; a fixed number of queries.

    Only what is granted and the customer does not know of, where it ``is_untold``; that has no sums.
    """
    booked = untold(teams) if is_untold else LedgerEntry.objects.filter(team__in=teams)
    if month is not None:
        booked = booked.filter(at__gte=begins(month), at__lt=begins(following(month)))
    found = list(_rows(booked, before))
    shown = [each.grant.ticket_id for each in found[:PAGE]]
    seen = Ticket.objects.reachable_by(reader).filter(pk__in=shown).order_by()
    visible = set(seen.values_list("pk", flat=True))
    return Page(
        rows=[Row(each, each.grant.ticket_id in visible) for each in found[:PAGE]],
        sums=[] if is_untold else _sums(booked, teams, month),
        before=found[PAGE - 1].pk if len(found) > PAGE else None,
    )


def untold(teams: Sequence[Team]) -> QuerySet[LedgerEntry]:
    """The bookings of what these teams have granted and their customers do not know of."""
    of_it = {"grant__state": Grant.State.GRANTED, "grant__told": Grant.Told.NOT_YET}
    return LedgerEntry.objects.filter(team__in=teams, is_reversal=False, **of_it)


def months(teams: Sequence[Team], now: datetime) -> list[date]:
    """This month, those since the first booking of these teams, and those with a budget of theirs;
    the newest first."""
    booked = LedgerEntry.objects.filter(team__in=teams).aggregate(first=Min("at"), last=Max("at"))
    this = month_of(now)
    found = {this, *Budget.objects.filter(team__in=teams).values_list("month", flat=True)}
    if booked["first"]:
        month, last = month_of(booked["first"]), max(this, month_of(booked["last"]))
        while month <= last:
            found.add(month)
            month = following(month)
    return sorted(found, reverse=True)


def _rows(booked: QuerySet[LedgerEntry], before: int | None) -> QuerySet[LedgerEntry]:
    last = LedgerEntry.objects.filter(pk=before).first() if before is not None else None
    if last is not None:
        booked = booked.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk))
    people = ("by", "grant__requested_by", "grant__decided_by", "grant__told_by")
    rows = booked.select_related("team", "grant__offer", "grant__order", "grant__ticket", *people)
    return rows.order_by("-at", "-pk")[: PAGE + 1]


def _sums(booked: QuerySet[LedgerEntry], teams: Sequence[Team], month: date | None) -> list[Sums]:
    """Of each team that gave something or has a budget, in the order of ``teams``; a budget is of
    one month."""
    given = Sum("cost", filter=Q(is_reversal=False), default=_NOTHING)
    back = Sum("cost", filter=Q(is_reversal=True), default=_NOTHING)
    count = Count("pk", filter=Q(is_reversal=False))
    rows = booked.order_by().values("team").annotate(given=given, back=back, count=count)
    booked_by = {row["team"]: row for row in rows}
    limits = Budget.objects.filter(team__in=teams, month=month) if month else Budget.objects.none()
    budgets = {each.team_id: each for each in limits}
    found = []
    for team in teams:
        row = booked_by.get(team.pk)
        if row:
            back_then = -row["back"]
            found.append(Sums(team, row["given"], back_then, row["count"], budgets.get(team.pk)))
        elif team.pk in budgets:
            found.append(Sums(team, budget=budgets[team.pk]))
    return found
