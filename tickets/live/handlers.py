"""What happens on a ticket is told to who may hear of it, once it is committed."""

from datetime import datetime
from typing import Any

from django.db import transaction

from tickets.live import topics
from tickets.live.publishing import say
from tickets.live.topics import EVERYTHING, Kind, Message
from tickets.models import Ticket, TicketEvent

# What events say of the team whose queue the ticket leaves, of whom it is brought to or taken from,
# and of whoever was told that it came back.
_LEFT, _MOVED, _TOLD = "from_team", ("to_id", "user_id", "from_id"), "told_ids"


def recorded(ticket: Ticket, event: TicketEvent, now: datetime, **_: Any) -> None:
    """Hears ``tickets.events.recorded``; a savepoint that is undone takes what it told along."""
    transaction.on_commit(lambda: _tell(ticket, event), robust=True)


def _tell(ticket: Ticket, event: TicketEvent) -> None:
    said = event.data
    heard = {EVERYTHING, topics.ticket(ticket.pk), topics.team(ticket.team_id)}
    if ticket.assignee_id:
        heard.add(topics.person(ticket.assignee_id))
    if said.get(_LEFT):
        heard.add(topics.team(said[_LEFT]))
    say(Message(Kind.CHANGED, frozenset(heard), ticket.reference, ticket.version, event.pk))
    people = [*(said.get(each) for each in _MOVED), *said.get(_TOLD, ())]
    theirs = {topics.person(each) for each in people if each}
    if theirs:
        say(Message(Kind.NOTICE, frozenset(theirs)))
