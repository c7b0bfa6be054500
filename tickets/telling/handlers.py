"""What is news to somebody is noted down for them in the transaction in which it happens."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from tickets.live import topics
from tickets.live.publishing import say
from tickets.live.topics import Message
from tickets.models import Ticket, TicketEvent
from tickets.telling.noting import News, note_down
from tickets.telling.whom import told_of
from tickets.together import is_gathering, later


def heard(ticket: Ticket, event: TicketEvent, now: datetime, **_: Any) -> None:
    """Hears ``tickets.events.recorded``; of many changes at once all is written together."""
    is_taken = (
        event.kind == TicketEvent.Kind.ASSIGNED and bool(event.data.get("from"))
    ) or event.kind == TicketEvent.Kind.HANDED_BACK
    told = told_of(ticket, event)
    if told or is_taken:
        later(_told, News(event, told, now, is_taken, waits=is_gathering()))


def _told(news: Sequence[News]) -> None:
    """Their open pages are told once it is committed."""
    note_down(news)
    several = [people for each in news for people in each.told.values()]
    people = frozenset(topics.person(each) for some in several for each in some)
    if people:
        transaction.on_commit(lambda: say(Message(topics.Kind.NOTICE, people)), robust=True)
