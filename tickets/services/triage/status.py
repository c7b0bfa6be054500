"""The ticket's way through its life."""

from datetime import datetime
from typing import Any

from django.db.models import Max

from tickets import events, lifecycle
from tickets.errors import Invalid
from tickets.lifecycle import ASIDE, Status
from tickets.models import Ticket, TicketEvent
from tickets.people.models import User
from tickets.services.lapsing import take_back_progress
from tickets.services.locking import locked, must_not_be_closed, write
from tickets.services.triage.aside import NO_RETURN, record_return

DONE = {Status.SOLVED, Status.CLOSED}


def set_status(
    *,
    ticket: Ticket,
    status: str,
    actor: User | None,
    now: datetime,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> Ticket:
    """Moves the ticket along its life, as from ``at`` (now by default).

    What becomes neither pending nor on hold forgets when it was to come back. Of two changes the one that is written last comes last, whoever read the clock first. Setting
    what already is changes nothing. Raises Conflict, Over on a closed ticket, and Invalid
    where the step is not allowed.
    """
    with locked(ticket, expected_version):
        if ticket.status != status:
            must_not_be_closed(ticket)
            check_step(ticket.status, status)
            before, when = ticket.status, _after_last_change(ticket, at or now)
            write(ticket, now, status=str(status), **_moments(status, when))
            events.record(
                ticket, TicketEvent.Kind.STATUS_CHANGED, at=when, now=now, actor=actor,
                **events.from_to(before, str(status)),
            )  # fmt: skip
            if status in DONE:
                take_back_progress(ticket=ticket, actor=actor, now=now)
    return ticket


def put_back(
    *,
    ticket: Ticket,
    status: str,
    solved_at: datetime | None,
    comes_back_at: datetime | None,
    actor: User | None,
    now: datetime,
    expected_version: int,
    because: str = "",
) -> Ticket:
    """Undoes a change of the status, or of when it comes back: also steps that the lifecycle knows
    no way back from.

    The history keeps both, and ``because``; the clocks go on as after any reopening. What should have come back
    meanwhile does so at once. Raises Conflict, also where the ticket was closed by somebody else
    since.
    """
    told: dict[str, Any] = {"because": because} if because else {}
    with locked(ticket, expected_version):
        before, returned = ticket.status, ticket.comes_back_at
        write(
            ticket, now, status=status, solved_at=solved_at, closed_at=None,
            **(NO_RETURN | {"comes_back_at": comes_back_at}),
        )  # fmt: skip
        if before != status:
            events.record(
                ticket, TicketEvent.Kind.STATUS_CHANGED, at=now, now=now, actor=actor,
                **events.from_to(before, status), **told,
            )  # fmt: skip
        if comes_back_at != returned and status in ASIDE:
            record_return(ticket, actor=actor, now=now)
    return ticket


def come_back(*, ticket: Ticket, now: datetime) -> Ticket:
    """What was put aside until an instant that has come is open again, as from then.

    Decided by nobody now: what a held reply is to make of the ticket is not overtaken by it.
    """
    with locked(ticket):
        before, when = ticket.status, _after_last_change(ticket, ticket.comes_back_at or now)
        write(ticket, now, status=Status.OPEN.value, **_moments(Status.OPEN, when))
        events.record(
            ticket, TicketEvent.Kind.STATUS_CHANGED, at=when, now=now, by_itself=True,
            **events.from_to(before, Status.OPEN.value),
        )  # fmt: skip
    return ticket


def check_step(before: str, wanted: str, field: str = "status") -> None:
    """Raises Invalid, in words, where ``wanted`` is no status or may not follow ``before``."""
    if wanted not in {status.value for status in Status}:
        raise Invalid(f"«{wanted[:40]}» is not a status.", field)
    try:
        lifecycle.check(before, wanted)
    except lifecycle.TransitionRefused as refusal:
        raise Invalid(str(refusal), field) from refusal


def _after_last_change(ticket: Ticket, at: datetime) -> datetime:
    """No status begins before the one that it ends."""
    changes = ticket.events.filter(kind=TicketEvent.Kind.STATUS_CHANGED)
    last: datetime | None = changes.aggregate(last=Max("at"))["last"]
    return max(at, last) if last else at


def _moments(status: str, at: datetime) -> dict[str, datetime | None]:
    if status == Status.SOLVED:
        return NO_RETURN | {"solved_at": at}
    if status == Status.CLOSED:
        return NO_RETURN | {"closed_at": at}
    return {"solved_at": None} | ({} if status in ASIDE else NO_RETURN)
