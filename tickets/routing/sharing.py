"""Sharing out what somebody has, or nobody has: who would get what, doing it, and taking it back.

Reassigning never restarts a clock (sla.md rule 9).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from tickets.access import Action, NoSuchTicket, NotAllowed, ticket_for
from tickets.errors import Conflict, Invalid, ServiceRefused
from tickets.leading import assignable, require_lead
from tickets.models import Ticket
from tickets.people.models import Team, User
from tickets.routing.choosing import Choice, Way, choose, given
from tickets.routing.hands import Hand, hands_of, needed_by
from tickets.routing.models import Turn
from tickets.services import triage
from tickets.services.locking import reload

MOST = 100


@dataclass(frozen=True, slots=True)
class Move:
    """What would become of one ticket."""

    ticket: Ticket
    choice: Choice


@dataclass(frozen=True, slots=True)
class Given:
    """A ticket as it was shown, and to whom it goes."""

    reference: str
    version: int | None
    person: int


@dataclass(slots=True)
class Shared:
    """What was done, as (ticket, who had it, who has it), and what was not, with why."""

    done: list[tuple[int, int | None, int]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def plan(
    tickets: Sequence[Ticket], *, way: str, now: datetime, to: User | None = None
) -> list[Move]:
    """Who would get which of ``tickets``, one after the other, each to somebody else than has it.

    ``way`` is one of a team's, or empty for each team's own; a team that shares out by hand then
    gives to whoever has least. With ``to``, all go to them as far as they may have them.
    """
    needs = needed_by(tickets)
    hands: dict[int, list[Hand]] = {}
    last: dict[int, int | None] = {}
    moves = []
    for ticket in tickets:
        team = ticket.team
        if team.pk not in hands:
            hands[team.pk] = hands_of(team, now)
            last[team.pk] = Turn.objects.filter(team=team).values_list("last", flat=True).first()
        if to is not None and to.pk == ticket.assignee_id:
            moves.append(Move(ticket, Choice(None, f"{to.name} has it already")))
            continue
        others = [each for each in hands[team.pk] if each.person.pk != ticket.assignee_id]
        choice = choose(
            way=way or team.assignment, hands=others, needed=needs[ticket.pk],
            last=last[team.pk], without_skill=team.without_skill, only=to,
        )  # fmt: skip
        if choice.person is not None:
            last[team.pk] = choice.person.pk
            given(hands[team.pk], choice.person, ticket.assignee)
        moves.append(Move(ticket, choice))
    return moves


def share(*, moves: Sequence[Given], way: str, actor: User, now: datetime) -> Shared:
    """Does what was shown, each ticket in a transaction of its own; what changed since is left.

    Only those who lead a ticket's team share it out, and only to people who work in it.
    """
    outcome = Shared()
    for move in moves[:MOST]:
        try:
            outcome.done.append(_give(move, way, actor, now))
        except Conflict:
            outcome.refused.append((move.reference, "somebody changed it meanwhile"))
        except (ServiceRefused, NotAllowed) as refusal:
            outcome.refused.append((move.reference, str(refusal)))
        except NoSuchTicket:
            outcome.refused.append((move.reference, "there is no such ticket"))
    return outcome


def take_back(*, done: Sequence[tuple[int, int | None, int]], actor: User, now: datetime) -> Shared:
    """Gives back what ``share`` gave, where whoever got it still has it."""
    outcome = Shared()
    people = User.objects.in_bulk([pk for _, pk, _ in done if pk])
    for number, before, after in done[:MOST]:
        ticket = Ticket.objects.filter(pk=number).first()
        if ticket is None:
            continue
        try:
            _return(ticket, people.get(before or 0), after, actor, now)
            outcome.done.append((number, after, before or 0))
        except (ServiceRefused, NotAllowed, NoSuchTicket) as refusal:
            outcome.refused.append((ticket.reference, str(refusal)))
    return outcome


@transaction.atomic
def _give(move: Given, way: str, actor: User, now: datetime) -> tuple[int, int | None, int]:
    ticket = ticket_for(actor, move.reference, action=Action.TRIAGE, lock=True)
    require_lead(actor, ticket.team)
    person = assignable(ticket.team).filter(pk=move.person).first()
    if person is None:
        raise Invalid("whoever was to have it does not take this team's tickets any more")
    before = ticket.assignee_id
    if way == Way.ROUND_ROBIN:
        Turn.objects.update_or_create(team=ticket.team, defaults={"last": person})
    triage.assign(
        ticket=ticket, assignee=person, actor=actor, now=now, expected_version=move.version,
        because="shared out",
    )  # fmt: skip
    return ticket.pk, before, person.pk


@transaction.atomic
def _return(ticket: Ticket, person: User | None, after: int, actor: User, now: datetime) -> None:
    reload(ticket)
    require_lead(actor, ticket.team)
    locked = ticket_for(actor, ticket.reference, action=Action.TRIAGE, lock=True)
    if locked.assignee_id != after:
        raise Invalid("somebody else has it by now")
    triage.assign(
        ticket=locked, assignee=person, actor=actor, now=now, because="sharing out taken back"
    )


def ways() -> list[tuple[str, str]]:
    """The ways to choose from."""
    named = [(way.value, str(way.label)) for way in Team.Assignment if way != Way.NONE]
    return [("", "As each team does it"), *named]
