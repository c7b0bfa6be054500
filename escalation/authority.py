"""People's answers to an escalation: acknowledge, hand over, take over, hand back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from escalation import climbing, matching, resuming
from escalation.clocks import settle, stand
from escalation.deeds import Deeds
from escalation.models import Escalation, Path
from escalation.notify import Crew, handed_back
from escalation.standing import Climb, Standing
from escalation.stopping import require_to_stop
from escalation.taking import HeldByAnother, TakeOver, holder, taken, unwound
from tickets.access import Action, ticket_for
from tickets.errors import Conflict, Invalid
from tickets.lifecycle import Status
from tickets.models import Ticket, TicketEvent
from tickets.people.models import User
from tickets.services import triage, words
from tickets.services.locking import over

Kind = TicketEvent.Kind
State = Escalation.State
Trigger = Escalation.Trigger


@transaction.atomic
def acknowledge(*, escalation: Escalation, actor: User, now: datetime) -> Escalation:
    """Stops the climb: somebody has seen it (rule 13). Saying so twice changes nothing.

    It counts from the level the climb has reached, or from above: see ``stopping``. Raises
    NoSuchTicket or NotAllowed, Conflict when it is no longer open.
    """
    ticket = _door(actor, escalation.ticket, Action.READ)
    row = Escalation.objects.select_related("acknowledged_by").get(pk=escalation.pk)
    if row.state == State.ACKNOWLEDGED and row.acknowledged_by_id == actor.pk:
        return row
    if row.state != State.OPEN:
        raise Conflict(_already(row))
    require_to_stop(actor, row, ticket)
    standing, deeds = stand(ticket, matching.configuration(now), now), Deeds(now)
    climb = next(each for each in standing.climbs if each.row.pk == row.pk)
    climb.row.state, climb.row.parked_at = State.ACKNOWLEDGED, None
    climb.row.acknowledged_at, climb.row.acknowledged_by = now, actor
    deeds.record(
        ticket, Kind.ESCALATION_ACKNOWLEDGED, now, actor, trigger=row.trigger, level=row.level,
        because=row.because,
    )  # fmt: skip
    _finish(standing, deeds)
    return climb.row


@transaction.atomic
def hand_over(*, ticket: Ticket, actor: User, reason: str, now: datetime) -> Escalation:
    """«I can no longer give this customer good service»: tells a supervisor at once, with why.

    Raises Invalid at ``reason``, Over, and Conflict while an earlier hand-over still waits.
    """
    reason = words.reason(reason)
    ticket = _door(actor, ticket, Action.HAND_OVER)
    if not ticket.is_active:
        raise over(ticket, _nothing_to(ticket, "hand over"))
    standing, deeds, crew = stand(ticket, matching.configuration(now), now), Deeds(now), Crew(now)
    held_by = holder(_stack(standing), ticket)
    if held_by:
        raise Conflict(
            f"{held_by.name} has taken this ticket over already: tell them in a note instead."
        )
    # One that was seen but not acted on does not count: the agent may have to ask again.
    asked = (each.row for each in standing.climbs if each.row.trigger == Trigger.HAND_OVER)
    waiting = next((row for row in asked if row.state == State.OPEN), None)
    if waiting:
        raise Conflict(_asked_already(waiting, actor))
    climb = climbing.start(
        standing, trigger=Trigger.HAND_OVER, key=_next_key(ticket, Trigger.HAND_OVER),
        path_version=standing.config.path_for(Path.Purpose.HAND_OVER),
        because=f"{actor.name} asks a supervisor to take over: {reason}", at=now, actor=actor,
    )  # fmt: skip
    deeds.record(ticket, Kind.HANDED_OVER, now, actor, reason=reason)
    climbing.tell_due(climb, standing, deeds, crew)
    _finish(standing, deeds)
    return climb.row


@transaction.atomic
def take_over(
    *,
    ticket: Ticket,
    actor: User,
    now: datetime,
    note: str = "",
    known_holders: Collection[int] | None = None,
) -> Escalation:
    """The ticket is the supervisor's, every climb on it stops, the agent follows it and is told.

    What somebody took over before stays theirs, to be handed back to them. With ``known_holders``, of
    those who have taken it over only these lose it; whom it is just assigned to is never asked about.
    Raises Over, HeldByAnother, and Conflict when the ticket is the actor's
    already.
    """
    note = words.reason(note, "note") if note.strip() else ""
    ticket = _door(actor, ticket, Action.TAKE_OVER)
    if not ticket.is_active:
        raise over(ticket, _nothing_to(ticket, "take over"))
    standing, deeds = stand(ticket, matching.configuration(now), now), Deeds(now)
    stack = _stack(standing)
    held_by = holder(stack, ticket)
    if held_by == actor:
        raise Conflict(
            "You have taken this ticket over already: it is yours until you hand it back."
        )
    if held_by and known_holders is not None and held_by.pk not in known_holders:
        raise HeldByAnother(held_by, stack[0].order()[0], now)
    agent = ticket.assignee
    climbs = [each for each in standing.climbs if each.row.state != State.TAKEN_OVER]
    own = next((each for each in climbs if each.row.clock_id is None), None)
    if own is None:
        # Climbs of clocks end with an answer; the take-over lasts until it is handed back.
        own = _of_their_own(standing, actor)
        climbs.append(own)
    for climb in climbs:
        climb.row.state, climb.row.next_step_at = State.TAKEN_OVER, None
        climb.row.parked_at = None
        climb.row.taken_over_at, climb.row.taken_over_by = now, actor
        climb.row.taken_from = agent if agent != actor else None
    deeds.record(
        ticket, Kind.TAKEN_OVER, now, actor, note=note, taken_from=agent.name if agent else None,
        taken_from_id=agent.pk if agent else None,
    )  # fmt: skip
    _finish(standing, deeds)
    triage.assign(ticket=ticket, assignee=actor, actor=actor, now=now)
    if agent is not None and agent != actor and agent.is_active:
        triage.follow(ticket=ticket, user=agent, actor=actor, now=now)
    return own.row


@transaction.atomic
def hand_back(
    *, ticket: Ticket, actor: User, note: str, now: datetime, to: User | None = None
) -> Ticket:
    """Returns a ticket to whom it was taken over from, or to ``to``, with a note for them.

    What is late still climbs again from now. Taken over twice, it is handed back twice; see
    ``taking`` for those who have left. Its holder hands it back, and whom the door allows where the holder has left or given it away. Raises
    Invalid at ``note`` or ``to``, Conflict where it is not the actor's to hand back any more.
    """
    note = words.reason(note, "note")
    if to is not None and to == actor:
        raise Invalid("That is you: name somebody else, or nobody.", "to")
    ticket = _door(actor, ticket, Action.HAND_BACK)
    standing, deeds = stand(ticket, matching.configuration(now), now), Deeds(now)
    stack = _stack(standing)
    if not stack:
        raise Conflict("Nobody has taken this ticket over, or it was handed back already.")
    held_by = holder(stack, ticket)
    if held_by not in (None, actor):
        raise Conflict(
            f"{held_by.name} has taken this ticket over, and only they hand it back: "
            "ask them in a note, or take it over yourself first."
        )
    agent, ended = unwound(stack, to)
    rows = [row for each in ended for row in each.rows]
    for row in rows:
        climbing.end(row, f"Handed back by {actor.name}.", now)
    resuming.go_on(standing, rows, actor.name)
    deeds.record(
        ticket, Kind.HANDED_BACK, now, actor, note=note, to=agent.name if agent else None,
        to_id=agent.pk if agent else None,
    )  # fmt: skip
    if agent is not None and agent != actor:
        handed_back(ticket=ticket, person=agent, by=actor, note=note, deeds=deeds)
    _finish(standing, deeds)
    return triage.assign(ticket=ticket, assignee=agent, actor=actor, now=now)


def _door(actor: User, ticket: Ticket, action: Action) -> Ticket:
    return ticket_for(actor, ticket.reference, action=action, lock=True)


def _stack(standing: Standing) -> list[TakeOver]:
    return taken(climb.row for climb in standing.climbs)


def _finish(standing: Standing, deeds: Deeds) -> None:
    settle(standing, deeds)
    deeds.carry_out([standing])


def _of_their_own(standing: Standing, actor: User) -> Climb:
    """A take-over that nobody asked for still has a row, so that it can be handed back."""
    climb = climbing.start(
        standing, trigger=Trigger.TAKE_OVER, key=_next_key(standing.ticket, Trigger.TAKE_OVER),
        path_version=None, because=f"{actor.name} took the ticket over.", at=standing.now,
        actor=actor,
    )  # fmt: skip
    climb.row.level = 1
    return climb


def _next_key(ticket: Ticket, trigger: Trigger) -> str:
    return str(Escalation.objects.filter(ticket=ticket, trigger=trigger).count() + 1)


def _asked_already(row: Escalation, actor: User) -> str:
    by = row.started_by
    who = "You have" if by == actor else f"{by.name} has" if by else "Somebody has"
    return (
        f"{who} handed this ticket to a supervisor already, who has not answered yet. "
        "It climbs by itself until somebody does; there is nothing more to do."
    )


def _already(row: Escalation) -> str:
    if row.state == State.ENDED:
        return f"This escalation has ended, so there is nothing to acknowledge: {row.ended_because}"
    if row.state == State.TAKEN_OVER and row.taken_over_by:
        return f"{row.taken_over_by.name} has taken this ticket over already."
    by = row.acknowledged_by
    return f"{by.name if by else 'Somebody'} has acknowledged this already."


def _nothing_to(ticket: Ticket, deed: str) -> str:
    """What is closed cannot be opened again."""
    if ticket.status == Status.CLOSED:
        return f"There is nothing to {deed} any more."
    return f"There is nothing to {deed}; open it again if there is."
