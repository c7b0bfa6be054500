"""What offers do when something happens on a ticket, or when somebody leaves."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from kb.offers.services.knowing import has_left, has_not_arrived, must_not_promise
from kb.offers.services.moving import ask_elsewhere, ask_instead, bring_along, waiting_for
from tickets.models import Message, Ticket, TicketEvent
from tickets.people.models import User

Kind = TicketEvent.Kind
SAID = (Kind.REPLY_RELEASED, Kind.PROGRESS)


def heard(ticket: Ticket, event: TicketEvent, now: datetime, **_: Any) -> None:
    """Runs inside the transaction of the change, under the lock of the ticket, of both where two merge."""
    if event.message and event.kind in SAID:
        has_left(message=event.message, at=event.at)
    elif event.message and event.kind == Kind.REPLY_FAILED:
        has_not_arrived(message=event.message)
    elif event.kind == Kind.MERGED_IN:
        source = Ticket.objects.get(reference=event.data["source"])
        bring_along(source=source, target=ticket, actor=event.actor, now=now)
    elif event.kind == Kind.TEAM_CHANGED:
        ask_elsewhere(ticket=ticket, actor=event.actor, now=now)


def said(ticket: Ticket, message: Message, **_: Any) -> None:
    """Runs before words wait to leave, whatever kind of them and however they came to."""
    must_not_promise(ticket=ticket, message=message)


def held(people: Collection[User], **_: Any) -> set[int]:
    """The tickets that ``left`` changes when ``people`` leave."""
    return set(waiting_for(people).values_list("ticket", flat=True))


def left(person: User, actor: User | None, now: datetime, **_: Any) -> None:
    """Runs inside the transaction of the leaving."""
    ask_instead(person=person, actor=actor, now=now)
