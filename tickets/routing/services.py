"""A ticket finds somebody of its team by itself, or says why it does not and is tried again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from tickets import events
from tickets.models import Ticket, TicketEvent
from tickets.people.models import Absence, Team, User
from tickets.routing.choosing import Choice, choose
from tickets.routing.hands import hands_of, needed_by
from tickets.routing.models import Turn, Waiting
from tickets.routing.signals import off_duty
from tickets.services import triage
from tickets.services.locking import locked

BATCH = 50
BY_HAND = Team.Assignment.NONE
LONGEST_REASON = 250


def route(*, ticket: Ticket, now: datetime, reopened: bool = False) -> User | None:
    """Gives a ticket that nobody has to somebody, by its team's way; who it was.

    One that was ``reopened`` goes on to somebody at work where whoever had it is out.
    Never to who may not see it, is out, is full or lacks a needed skill, and never while the team
    is off duty. Of two tickets at once each sees what the other was given: the team's turn is
    taken until commit, after the ticket and before people. Restarts no clock (sla.md rule 9).
    """
    if ticket.team.assignment == BY_HAND:
        return None
    with locked(ticket):
        if not ticket.is_active or _is_in_hand(ticket, now, reopened):
            return None
        turn = _take_turn(ticket.team)
        choice = _chosen(ticket, turn, now)
        if choice.person is None:
            _wait(ticket, choice.because, now)
            return None
        Waiting.objects.filter(ticket=ticket).delete()
        Turn.objects.filter(pk=turn.pk).update(last=choice.person)
        triage.assign(
            ticket=ticket, assignee=choice.person, actor=None, now=now, because=choice.because
        )
    return choice.person


def try_again(now: datetime, *, limit: int = BATCH) -> int:
    """Routes what waits for somebody, the longest untried first, each in a transaction of its own.

    What others hold meanwhile waits for the next pass. Returns how many found somebody.
    """
    waiting = Waiting.objects.order_by("tried_at", "pk").values_list("ticket_id", flat=True)
    return sum(_tried(pk, now) for pk in list(waiting[:limit]))


def _tried(pk: int, now: datetime) -> bool:
    with transaction.atomic():
        free = Ticket.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
        ticket = free.select_related("team", "requester").filter(pk=pk).first()
        if ticket is None:
            return False
        row = Waiting.objects.filter(ticket=ticket)
        if not ticket.is_active or ticket.assignee_id or ticket.team.assignment == BY_HAND:
            row.delete()  # seen to in another way
            return False
        row.update(tried_at=now)
        return route(ticket=ticket, now=now) is not None


def _is_in_hand(ticket: Ticket, now: datetime, reopened: bool) -> bool:
    """Whether somebody has it; of what was reopened, somebody who is not out."""
    if ticket.assignee_id is None or not reopened:
        return ticket.assignee_id is not None
    return not Absence.objects.at(now).filter(user=ticket.assignee_id).exists()


def _take_turn(team: Team) -> Turn:
    """Counts the team's turn up, which holds its row until commit: the next one waits and then
    reads what this one has written."""
    row, _ = Turn.objects.get_or_create(team=team)
    Turn.objects.filter(pk=row.pk).update(number=F("number") + 1)
    row.refresh_from_db()
    return row


def _chosen(ticket: Ticket, turn: Turn, now: datetime) -> Choice:
    team = ticket.team
    if why := off_duty(team, now):
        return Choice(None, why)
    return choose(
        way=team.assignment, hands=hands_of(team, now), needed=needed_by([ticket])[ticket.pk],
        last=turn.last_id, without_skill=team.without_skill,
    )  # fmt: skip


def _wait(ticket: Ticket, because: str, now: datetime) -> None:
    """Said in the history once for each reason; whoever has it, though out, keeps it."""
    if ticket.assignee_id is not None:
        return
    because = because[:LONGEST_REASON]
    row, made = Waiting.objects.get_or_create(
        ticket=ticket, defaults={"because": because, "since": now, "tried_at": now}
    )
    if not made:
        changed = Waiting.objects.filter(pk=row.pk).exclude(because=because)
        made = bool(changed.update(because=because))
    if made:
        events.record(
            ticket, TicketEvent.Kind.ASSIGNED, at=now, now=now, to_id=None,
            because=f"to nobody yet, as {because}",
        )  # fmt: skip
