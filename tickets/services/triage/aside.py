"""What is pending or on hold may say when it comes back by itself."""

from datetime import datetime, timedelta

from django.utils.timezone import is_naive

from tickets import events
from tickets.errors import Invalid
from tickets.lifecycle import ASIDE, words
from tickets.models import Ticket, TicketEvent
from tickets.people.models import User
from tickets.services.locking import locked, must_not_be_closed, write

FARTHEST = timedelta(days=366)
# What waits for nobody comes back from nowhere.
NO_RETURN: dict[str, datetime | None] = {"comes_back_at": None, "comes_back_retry_at": None}
_FIELD = "comes_back_at"


def put_aside(
    *,
    ticket: Ticket,
    until: datetime | None,
    actor: User | None,
    now: datetime,
    expected_version: int | None = None,
) -> Ticket:
    """The ticket comes back by itself at ``until``; None takes that away. Its status stays.

    Moves no clock: the return itself does, as any change of the status. Raises Conflict, Over on a
    closed ticket, and Invalid where it is neither pending nor on hold, or for an instant that is
    past or further away than ``FARTHEST``.
    """
    with locked(ticket, expected_version):
        if ticket.comes_back_at != until:
            must_not_be_closed(ticket)
            if until is not None:
                check_return(ticket.status, until, now)
            agree_on(ticket=ticket, until=until, actor=actor, now=now)
    return ticket


def agree_on(
    *, ticket: Ticket, until: datetime | None, actor: User | None, now: datetime
) -> Ticket:
    """The same of what was checked when it was said; an instant that is past by now brings the
    ticket back at once. The ticket is pending or on hold."""
    with locked(ticket):
        if ticket.comes_back_at != until:
            write(ticket, now, **(NO_RETURN | {"comes_back_at": until}))
            record_return(ticket, actor=actor, now=now)
    return ticket


def record_return(ticket: Ticket, *, actor: User | None, now: datetime) -> None:
    until = ticket.comes_back_at.isoformat() if ticket.comes_back_at else None
    events.record(ticket, TicketEvent.Kind.PUT_ASIDE, at=now, now=now, actor=actor, until=until)


def check_return(status: str, until: datetime, now: datetime) -> None:
    """Raises Invalid, in words, where what has ``status`` cannot come back at ``until``."""
    if status not in ASIDE:
        raise Invalid(
            f"Only what is pending or on hold comes back by itself; this would be {words(status)}.",
            _FIELD,
        )
    if is_naive(until):
        raise Invalid("An instant needs its time zone.", _FIELD)
    if not now < until <= now + FARTHEST:
        raise Invalid("Choose a time within the coming year, not in the past.", _FIELD)
