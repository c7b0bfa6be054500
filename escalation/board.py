"""The board: every ticket with an escalation under way that concerns a reader, theirs first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, F, Max, Min, OuterRef, Q, QuerySet, TextField, When
from django.db.models.functions import Cast

from escalation import loading
from escalation.coming import Coming, coming
from escalation.models import Escalation, EscalationStep
from escalation.notify import Crew
from escalation.stopping import stoppable
from escalation.taking import holder, taken
from tickets.access import Action, listed, permitted
from tickets.models import Ticket
from tickets.people.models import User
from tickets.words import Badge, clock_badge, shown

SIZE, MOST_PAGES = 20, 25
MOST_COUNTED = 99
# What a row of the board and whoever a step may mean need to know of a ticket.
RELATED = ("team", "requester__organization")
NAMED = ("acknowledged_by", "taken_over_by", "taken_from")
State = Escalation.State


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader narrows the board by."""

    view: str = ""
    team: int | None = None
    level: int = 0
    page: int = 1


@dataclass(frozen=True, slots=True)
class Climbing:
    row: Escalation
    coming: Coming | None
    may_acknowledge: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One ticket: what climbs on it, how late it is, and what the reader may do about it."""

    ticket: Ticket
    badge: Badge
    climbs: list[Climbing]
    is_mine: bool
    may_take_over: bool
    may_hand_back: bool

    @property
    def names(self) -> list[str]:
        """Whose it is: the customer, their organisation, the team, whoever has it."""
        customer, ticket = self.ticket.requester, self.ticket
        organization = customer.organization.name if customer.organization else ""
        assignee = ticket.assignee.name if ticket.assignee else "unassigned"
        said = (customer.display_name, organization, ticket.team.name, assignee)
        return [shown(name) for name in said if name]


def entries(user: User, wanted: Wanted, now: datetime) -> tuple[list[Entry], bool]:
    """A page of the board, and whether there is another; as many queries for 3 as for 30."""
    first = (wanted.page - 1) * SIZE
    found = list(_found(user, wanted)[first : first + SIZE + 1])
    mine = dict(found[:SIZE])
    seen = listed(Ticket.objects.filter(pk__in=list(mine)).select_related(*RELATED), user)
    tickets = {ticket.pk: ticket for ticket in seen}
    rows = _under_way(seen)
    config, crew = loading.current(), Crew(now)
    _name(seen, [row for each in rows.values() for row in each], crew)
    config.remember(paths=[row.path_version_id for each in rows.values() for row in each])
    made = [
        _entry(tickets[pk], rows[pk], bool(is_mine), user, config, crew, now)
        for pk, is_mine in mine.items()
        if pk in rows and pk in tickets
    ]
    return made, len(found) > SIZE


def waiting_for(user: User) -> int:
    """On how many tickets an escalation waits for this reader's own answer; counted to 99."""
    rows = Escalation.objects.filter(_mine(user), state=State.OPEN).order_by()
    seen = Ticket.objects.of_concern_to(user)
    return len(rows.filter(ticket__in=seen).values("ticket").distinct()[: MOST_COUNTED + 1])


def _found(user: User, wanted: Wanted) -> QuerySet[Escalation, Any]:
    """The tickets: mine first, then by the next step; what climbs no further follows, the oldest
    first. From the few rows under way to their tickets, never the other way round."""
    rows = Escalation.objects.filter(
        state__in=Escalation.UNDER_WAY, ticket__in=Ticket.objects.of_concern_to(user)
    )
    if wanted.level:
        rows = rows.filter(level__gte=wanted.level)
    if wanted.view == "unanswered":
        rows = rows.filter(state=State.OPEN)
    if wanted.team is not None:
        rows = rows.filter(ticket__team=wanted.team)
    found = (
        rows.order_by()
        .values("ticket")
        .annotate(
            is_mine=Max(Case(When(_mine(user), then=1), default=0)),
            steps_at=Min("next_step_at"),
            since=Min("started_at"),
        )
    )
    if wanted.view == "mine":
        found = found.filter(is_mine=1)
    order = ("-is_mine", F("steps_at").asc(nulls_last=True), "since", "ticket")
    return found.order_by(*order).values_list("ticket", "is_mine")


def _mine(user: User) -> Q:
    """Put to them where it stands now, answered by them, or on a ticket of theirs."""
    # As JSON, on both databases; a name cannot hold it, for quotes within are escaped.
    here = EscalationStep.objects.filter(escalation=OuterRef("pk"), level=OuterRef("level"))
    told = here.annotate(text=Cast("told", TextField())).filter(text__contains=f'"id": {user.pk},')
    return (
        Q(Exists(told)) | Q(acknowledged_by=user) | Q(taken_over_by=user) | Q(ticket__assignee=user)
    )


def _under_way(tickets: Sequence[Ticket]) -> dict[int, list[Escalation]]:
    rows = Escalation.objects.filter(
        ticket__in=[ticket.pk for ticket in tickets], state__in=Escalation.UNDER_WAY
    )
    found: dict[int, list[Escalation]] = {}
    for row in rows.prefetch_related("steps").order_by("started_at", "pk"):
        found.setdefault(row.ticket_id, []).append(row)
    return found


def _name(tickets: Sequence[Ticket], rows: Sequence[Escalation], crew: Crew) -> None:
    """The people on them, from those at hand: planning four joins costs more than the rest.

    Who has left since is read besides, all at once.
    """
    wanted = [(ticket, "assignee") for ticket in tickets]
    places: list[tuple[Any, str]] = [*wanted, *((row, name) for row in rows for name in NAMED)]
    people, numbers = dict(crew.at_hand()), {getattr(one, f"{name}_id") for one, name in places}
    if gone := numbers - people.keys() - {None}:
        people |= User.objects.in_bulk(gone)
    for one, name in places:
        setattr(one, name, people.get(getattr(one, f"{name}_id")))


def _entry(
    ticket: Ticket,
    rows: list[Escalation],
    is_mine: bool,
    user: User,
    config: loading.Config,
    crew: Crew,
    now: datetime,
) -> Entry:
    may_stop = stoppable(user, rows, ticket, known=crew.at_hand())
    allowed, stack = permitted(user, ticket), taken(rows)
    held_by = holder(stack, ticket)
    return Entry(
        ticket=ticket,
        badge=clock_badge(
            status=ticket.status, due_at=ticket.next_due_at, metric=ticket.next_due_metric,
            is_paused=ticket.is_paused, now=now,
        ),
        climbs=[
            Climbing(
                row,
                coming(row, ticket, config=config, crew=crew, now=now),
                row.state == State.OPEN and row.pk in may_stop,
            )
            for row in rows
        ],
        is_mine=is_mine,
        may_take_over=Action.TAKE_OVER in allowed and ticket.is_active and held_by != user,
        may_hand_back=Action.HAND_BACK in allowed and bool(stack) and held_by in (None, user),
    )  # fmt: skip
