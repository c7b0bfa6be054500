"""What offers do when something happens on a ticket, or when somebody leaves."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from kb.offers.services.moving import ask_elsewhere, ask_instead, bring_along, waiting_for
from tickets.models import Ticket, TicketEvent
from tickets.people.models import User


def heard(ticket: Ticket, event: TicketEvent, now: datetime, **_: Any) -> None:
    """Runs inside the transaction of the change, under the lock of the ticket, of both where two merge."""
    if event.kind == TicketEvent.Kind.MERGED_IN:
        source = Ticket.objects.get(reference=event.data["source"])
        bring_along(source=source, target=ticket, actor=event.actor, now=now)
    elif event.kind == TicketEvent.Kind.TEAM_CHANGED:
        ask_elsewhere(ticket=ticket, actor=event.actor, now=now)


def held(people: Collection[User], **_: Any) -> set[int]:
    """The tickets that ``left`` changes when ``people`` leave."""
    return set(waiting_for(people).values_list("ticket", flat=True))


def left(person: User, actor: User | None, now: datetime, **_: Any) -> None:
    """Runs inside the transaction of the leaving."""
    ask_instead(person=person, actor=actor, now=now)
