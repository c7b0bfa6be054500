"""Passing a caller on to a colleague or a team; to a supervisor it is the hand-over."""

from datetime import datetime

from tickets.calls.models import Call
from tickets.calls.services.holding import under_way
from tickets.errors import Invalid
from tickets.models import Ticket
from tickets.people.models import Team, User
from tickets.services import conversation, triage, words
from tickets.services.locking import must_not_be_closed


def pass_on(*, call: Call, to: User | Team, note: str, actor: User, now: datetime) -> Call:
    """The caller and the ticket go to ``to``, with what they need to know as an internal note.

    Who passes on goes on following the ticket. The call stays theirs until they finish it. Raises
    Invalid, Over, TooLate.
    """
    text = words.body(note, "note")
    with under_way(call, now):
        ticket = call.ticket
        if ticket is None:
            raise Invalid("Choose or open a ticket first: it goes along with the caller.", "to")
        if to == actor:
            raise Invalid("You cannot pass a caller on to yourself.", "to")
        must_not_be_closed(ticket)
        _give(ticket, to, actor, now)
        mentions = [to] if isinstance(to, User) else []
        told = f"Caller passed on to {to.name}.\n\n{text}"
        conversation.note(ticket=ticket, author=actor, body=told, now=now, mentions=mentions)
        call.passed_to = to.name[:200]
        call.save(update_fields=["passed_to"])
    return call


def _give(ticket: Ticket, to: User | Team, actor: User, now: datetime) -> None:
    if not ticket.followers.filter(pk=actor.pk).exists():
        triage.follow(ticket=ticket, user=actor, actor=actor, now=now)
    if isinstance(to, User):
        triage.assign(ticket=ticket, assignee=to, actor=actor, now=now)
    elif ticket.team_id == to.pk:
        triage.assign(ticket=ticket, assignee=None, actor=actor, now=now)
    else:
        triage.move_to_team(ticket=ticket, team=to, actor=actor, now=now)
