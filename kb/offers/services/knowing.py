"""Whether the customer knows of what was granted: by a reply that left, or because somebody says so."""

from datetime import datetime

from django.db.models import Q, QuerySet

from kb.offers.models import Grant
from kb.offers.services.deciding import already, current
from kb.scripts.rendering import says
from tickets import access
from tickets.access import Action
from tickets.errors import Broken, Conflict
from tickets.models import Message, Ticket
from tickets.people.models import User
from tickets.services.locking import locked

State, Told = Grant.State, Grant.Told


def say_told(*, grant: Grant, actor: User, now: datetime, knows: bool = True) -> Grant:
    """``actor`` says that the customer knows, by phone say, or that they do not after all.

    Raises NotAllowed, and Conflict where it is not granted any more or a reply has told them.
    """
    with locked(grant.ticket) as ticket:
        access.require(actor, Action.REPLY, ticket)
        row = current(grant, ticket)
        if row.state != State.GRANTED:
            raise Conflict(f"{already(row)} There is nothing to tell the customer of it.")
        said = {"told": Told.BY_PERSON, "told_at": now, "told_by": actor, "told_in": None}
        untold = Grant.objects.filter(pk=row.pk).exclude(told=Told.BY_REPLY)
        if not untold.update(**(said if knows else _NOT_YET)):
            raise Conflict("A reply has told the customer already.")
        return current(row, ticket)


_NOT_YET = {"told": Told.NOT_YET, "told_at": None, "told_by": None, "told_in": None}


def has_left(*, message: Message, at: datetime) -> None:
    """A reply or progress line has reached the ticket's customer: what it says, they know.

    Also of what was reversed since it was written, and could not be recalled in time.
    """
    too_late = Q(state=State.REVERSED, decided_at__gt=message.at)
    rows = _untold(message.ticket).filter(Q(state=State.GRANTED) | too_late)
    for row in rows.select_related("offer"):
        if says(message.body, row.offer.words):
            Grant.objects.filter(pk=row.pk, told=row.told).update(
                told=Told.BY_REPLY, told_at=at, told_by=message.author, told_in=message
            )


def has_not_arrived(*, message: Message) -> None:
    """It left and came back: what it said, the customer does not know."""
    Grant.objects.filter(told_in=message).update(**_NOT_YET)


def must_not_promise(*, ticket: Ticket, message: Message) -> None:
    """Raises Broken where a reply or a progress line says what was reversed, and nothing granted is said so.

    It may stand in a page that was open all the while.
    """
    granted = ticket.grants.filter(state=State.GRANTED).values("offer__words")
    gone = ticket.grants.filter(state=State.REVERSED).exclude(offer__words__in=granted)
    for row in gone.select_related("offer", "decided_by"):
        if says(message.body, row.offer.words):
            who = f" by {row.decided_by.name}" if row.decided_by else ""
            because = f"{row.words} was reversed{who} ({row.decision})"
            raise Broken(
                f"{because}, and your text still tells the customer of it: take its words out. "
                "Nothing of yours was sent or changed.",
                because=because,
                field="body",
            )


def _untold(ticket: Ticket) -> QuerySet[Grant]:
    return Grant.objects.filter(ticket=ticket, told__in=[Told.UNKNOWN, Told.NOT_YET])
