"""Who has how much: by person and team, with who is out and what nobody has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count as Counting
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.timezone import localtime, make_aware

from tickets.calls.models import FORGOTTEN, Call, Callback
from tickets.counting import Capped, Count
from tickets.models import Message, Ticket
from tickets.people.models import Absence, Membership, Team, User
from tickets.routing.models import Waiting
from tickets.routing.sentences import does

MOST_EACH, MOST_OF_TEAM, REASONS = 250, 999, 5
MOST_PEOPLE, MOST_CALLS = 60, 2000
Numbers = dict[int, Any]


@dataclass(slots=True)
class Load:
    """One person's hands."""

    person: User
    is_leading: bool
    open: Count
    waiting: Count
    late: Count
    today: Count
    escalated: Count
    most: int | None
    held: int = 0
    call: Call | None = None
    absence: Absence | None = None

    @property
    def needs_hands(self) -> bool:
        """Whether what they have lies there: they are out."""
        return self.absence is not None and bool(self.open)

    @property
    def is_full(self) -> bool:
        return self.most is not None and self.open.number >= self.most


@dataclass(slots=True)
class TeamLoad:
    """One team's, with what nobody has and why."""

    team: Team
    does: str
    open: Count
    late: Count
    unassigned: Count
    loads: list[Load] = field(default_factory=list)
    reasons: list[Waiting] = field(default_factory=list)


def of_teams(teams: QuerySet[Team], *, now: datetime, day_ends: datetime) -> list[TeamLoad]:
    """Each team with its people, by name; as many queries for thirty people as for three.

    What a person has is counted over all teams. ``day_ends`` is when the reader's day does.
    """
    calls = _Calls(now, day_ends)
    found = {team.pk: _team(team, calls) for team in _counted(teams, now)}
    members = list(
        Membership.objects.filter(team__in=list(found), user__is_active=True)
        .exclude(user__role__in=[User.Role.EXECUTIVE, User.Role.EXPERT])
        .order_by("user__first_name", "user__last_name", "user__username")
        .values_list("team_id", "user_id", "leads")
    )
    people = _people({user for _, user, _ in members}, now, day_ends)
    beside = _Beside(list(people), now)
    for team, user, leads in members:
        if user in people:
            load = _load(people[user], found[team].team, leads, beside)
            load.late, load.today = load.late + calls.late[user], load.today + calls.today[user]
            found[team].loads.append(load)
    for row in _waiting(list(found)):
        reasons = found[row.ticket.team_id].reasons
        if len(reasons) < REASONS:
            reasons.append(row)
    return list(found.values())


def is_crowd(teams: QuerySet[Team]) -> bool:
    """Whether these teams have more people than one page shows."""
    rows = Membership.objects.filter(team__in=teams.order_by().values("pk"))
    return len(rows.order_by().values_list("pk")[: MOST_PEOPLE + 1]) > MOST_PEOPLE


def day_end(now: datetime) -> datetime:
    """When the reader's day ends, in the zone that is active."""
    local = localtime(now)
    return make_aware(datetime(local.year, local.month, local.day) + timedelta(days=1))  # noqa: DTZ001


class _Beside:
    """What is not on tickets, read for everybody at once."""

    def __init__(self, people: Sequence[int], now: datetime) -> None:
        held = Message.objects.filter(author__in=people, mail__state="held")
        self.held = _by(held, "author")
        self.out = Absence.objects.of_each(now, people)
        calls = Call.objects.under_way().filter(agent__in=people, started_at__gt=now - FORGOTTEN)
        self.calls: Numbers = {call.agent_id or 0: call for call in calls.order_by("started_at")}


class _Calls:
    """How many tickets, solved or closed, still owe a call that is late or due today: by team, and
    by person. They are few."""

    def __init__(self, now: datetime, day_ends: datetime) -> None:
        self.late_of_team: Counter[int] = Counter()
        self.late: Counter[int | None] = Counter()
        self.today: Counter[int | None] = Counter()
        owed = Callback.objects.after_all().filter(expected_at__lt=day_ends)
        first: dict[int, tuple[int, int | None, datetime]] = {}
        columns = ("ticket_id", "ticket__team_id", "ticket__assignee_id", "expected_at")
        for ticket, *where in owed.values_list(*columns)[:MOST_CALLS]:
            first.setdefault(ticket, (where[0], where[1], where[2]))
        for team, person, at in first.values():
            if at < now:
                self.late_of_team[team] += 1
            (self.late if at < now else self.today)[person] += 1


def _by(rows: QuerySet[Any], whose: str) -> Numbers:
    return dict(rows.order_by().values_list(whose).annotate(count=Counting("pk")))


def _counted(teams: QuerySet[Team], now: datetime) -> QuerySet[Team]:
    theirs = Ticket.objects.active().filter(team=OuterRef("pk"))
    return teams.annotate(
        open=_capped(theirs, MOST_OF_TEAM),
        late=_capped(theirs.filter(next_due_at__lt=now), MOST_OF_TEAM),
        unassigned=_capped(theirs.filter(assignee=None), MOST_OF_TEAM),
    )


def _people(numbers: Iterable[int], now: datetime, day_ends: datetime) -> dict[int, User]:
    theirs = Ticket.objects.active().filter(assignee=OuterRef("pk"))
    today = Q(next_due_at__gte=now, next_due_at__lt=day_ends)
    rows = User.objects.filter(pk__in=list(numbers)).annotate(
        open=_capped(theirs, MOST_EACH),
        waiting=Coalesce(_Pending(theirs), 0),
        late=_capped(theirs.filter(next_due_at__lt=now), MOST_EACH),
        today=_capped(theirs.filter(today), MOST_EACH),
        escalated=_capped(theirs.filter(escalation_level__gt=0), MOST_EACH),
    )
    return {user.pk: user for user in rows}


def _capped(rows: QuerySet[Any], most: int) -> Coalesce:
    return Coalesce(Capped(rows.order_by(), most), 0)


class _Pending(Capped):
    """Of what is counted as open, what waits for its customer: no index has it by person."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS capped WHERE capped.status = 'pending')"

    def __init__(self, rows: QuerySet[Any]) -> None:
        super(Capped, self).__init__(rows.order_by().values("status")[: MOST_EACH + 1])


def _team(team: Any, calls: _Calls) -> TeamLoad:
    return TeamLoad(
        team=team, does=does(team), open=Count(team.open, MOST_OF_TEAM),
        late=Count(team.late, MOST_OF_TEAM) + calls.late_of_team[team.pk], unassigned=Count(team.unassigned, MOST_OF_TEAM),
    )  # fmt: skip


def _load(person: Any, team: Team, leads: bool, beside: _Beside) -> Load:
    names = ("open", "waiting", "late", "today", "escalated")
    return Load(
        person=person,
        is_leading=leads and person.may_lead,
        most=team.most_open if person.most_open is None else person.most_open,
        held=beside.held.get(person.pk, 0),
        call=beside.calls.get(person.pk),
        absence=beside.out.get(person.pk),
        **{name: Count(getattr(person, name), MOST_EACH) for name in names},
    )


def _waiting(teams: Sequence[int]) -> QuerySet[Waiting]:
    rows = Waiting.objects.filter(ticket__team__in=teams, ticket__assignee=None)
    return rows.select_related("ticket").order_by("since", "pk")[: REASONS * len(teams)]
