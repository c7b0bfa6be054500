"""The board: every ticket with an escalation under way that concerns a reader, theirs first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.timezone import localtime

from escalation import loading
from escalation.coming import Coming, coming
from escalation.models import Escalation, EscalationStep
from escalation.notify import Crew
from escalation.stopping import stoppable
from escalation.taking import holder, taken, unwound
from tickets.access import Action, listed, permitted
from tickets.models import Ticket
from tickets.people.models import User
from tickets.querysets import MOST_NUMBERS
from tickets.words import Badge, clock_badge, out_until, shown

SIZE, MOST_PAGES = 20, 25
MOST_COUNTED = 99
LEFT = "nobody: who had it has left"
# What a row of the board and whoever a step may mean need to know of a ticket.
RELATED = ("team", "requester__organization")
# The order of an index.
ORDER = (F("next_step_at").asc(nulls_last=True), "started_at", "pk")
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
    """One ticket: what climbs on it, how late it is, and what the reader may do about it.

    ``names`` say whose it is: the customer, their organisation, the team, whoever has it.
    """

    ticket: Ticket
    names: list[str]
    badge: Badge
    climbs: list[Climbing]
    is_mine: bool
    may_take_over: bool
    may_hand_back: bool
    goes_back_to: str
    held_by: User | None


def entries(user: User, wanted: Wanted, now: datetime) -> tuple[list[Entry], bool]:
    """A page of the board, and whether there is another; as many queries for 3 as for 30."""
    first = (wanted.page - 1) * SIZE
    found = _found(user, wanted, first + SIZE + 1)[first:]
    mine = dict(found[:SIZE])
    seen = listed(Ticket.objects.filter(pk__in=list(mine)).select_related(*RELATED), user)
    tickets = {ticket.pk: ticket for ticket in seen}
    rows = _under_way(seen)
    config, crew = loading.current(), Crew(now)
    _name(seen, [row for each in rows.values() for row in each], crew)
    config.remember(paths=[row.path_version_id for each in rows.values() for row in each])
    made = [
        _entry(tickets[pk], rows[pk], is_mine, user, config, crew, now)
        for pk, is_mine in mine.items()
        if pk in rows and pk in tickets
    ]
    return made, len(found) > SIZE


def waiting_for(user: User) -> int:
    """On how many tickets an escalation waits for this reader's own answer; counted to 99.

    That is what was put to them where it stands now, also as whoever stands in: on a ticket of theirs
    it may have climbed past them, and then others answer.
    """
    rows = _narrowed(Wanted(view="unanswered"))
    theirs = rows.filter(_put_to(user), ticket__in=_of_concern(user, rows))
    return len(_tickets_of(theirs, MOST_COUNTED + 1))


def stands(reference: str, wanted: Wanted) -> bool:
    """Whether anything on that ticket is still what the board was narrowed to."""
    return _narrowed(wanted).filter(ticket__reference=reference).exists()


def _found(user: User, wanted: Wanted, most: int) -> list[tuple[int, bool]]:
    """The first ``most`` tickets and whether each is mine: mine first, then by the next step; what
    climbs no further follows, the oldest first.

    Read in the order of an index and only so far as is shown: gathered to be sorted, ten thousand
    escalations took five times as long.
    """
    rows = _narrowed(wanted)
    mine, rest = _parted(user, rows)
    found = [(pk, True) for pk in _tickets_of(rows.filter(ticket__in=mine), most)]
    if len(found) < most and wanted.view != "mine":
        others = _tickets_of(rows.filter(ticket__in=rest), most - len(found))
        found += [(pk, False) for pk in others]
    return found


def _parted(user: User, rows: QuerySet[Escalation]) -> tuple[QuerySet[Ticket], QuerySet[Ticket]]:
    """Of what concerns ``user``: the tickets that are theirs or on which one of ``rows`` is theirs,
    and the others."""
    own = rows.filter(_is_mine(user), ticket=OuterRef("pk")).order_by()
    is_mine = Q(assignee=user) | Exists(own)
    concern = _of_concern(user, rows)
    return concern.filter(is_mine), concern.exclude(is_mine)


def _of_concern(user: User, rows: QuerySet[Escalation]) -> QuerySet[Ticket]:
    """The tickets of ``rows`` that are ``user``'s business; as numbers where they are few, so that
    they are looked for once and PostgreSQL knows how few they are."""
    concern = Ticket.objects.of_concern_to(user)
    found = rows.filter(ticket__in=concern).order_by(*ORDER).values_list("ticket", flat=True)
    few = list(found[: MOST_NUMBERS + 1])
    return Ticket.objects.filter(pk__in=few) if len(few) <= MOST_NUMBERS else concern


def _narrowed(wanted: Wanted) -> QuerySet[Escalation]:
    rows = Escalation.objects.filter(state__in=Escalation.UNDER_WAY)
    if wanted.level:
        rows = rows.filter(level__gte=wanted.level)
    if wanted.view == "unanswered":
        rows = rows.filter(state=State.OPEN)
    if wanted.team is not None:
        rows = rows.filter(ticket__team=wanted.team)
    return rows


def _tickets_of(rows: QuerySet[Escalation], most: int) -> list[int]:
    """The tickets of the first climbs, each once; read further where many climb on one ticket."""
    ordered = rows.order_by(*ORDER)
    length = 4 * most
    while True:
        read = list(ordered.values_list("ticket", flat=True)[:length])
        found = list(dict.fromkeys(read))
        if len(found) >= most or len(read) < length:
            return found[:most]
        length *= 4


def _is_mine(user: User) -> Q:
    """Put to them where it stands now, or answered by them."""
    return _put_to(user) | Q(acknowledged_by=user) | Q(taken_over_by=user)


def _put_to(user: User) -> Q:
    """They were told at the level where it stands now: see ``stopping``."""
    # As JSON, on both databases; a name cannot hold it, for quotes within are escaped.
    here = EscalationStep.objects.filter(escalation=OuterRef("pk"), level=OuterRef("level"))
    told = here.annotate(text=Cast("told", TextField())).filter(text__contains=f'"id": {user.pk},')
    return Q(Exists(told))


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
    held_by, back_to = holder(stack, ticket), unwound(stack, None)[0]
    return Entry(
        ticket=ticket,
        names=_names(ticket, crew),
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
        goes_back_to=_with_absence(back_to, crew) if back_to else LEFT,
        held_by=held_by,
    )  # fmt: skip


def _names(ticket: Ticket, crew: Crew) -> list[str]:
    customer, assignee = ticket.requester, ticket.assignee
    organization = customer.organization.name if customer.organization else ""
    said = (shown(customer.display_name), shown(organization), shown(ticket.team.name))
    has_it = _with_absence(assignee, crew) if assignee else "unassigned"
    return [*filter(None, said), has_it]


def _with_absence(person: User, crew: Crew) -> str:
    """«Ben (out until Fri 6 Mar, 09:00)»."""
    absence = crew.out.get(person.pk)
    out = f" ({out_until(localtime(absence.ends_at))})" if absence else ""
    return f"{shown(person.name)}{out}"
