"""Writing down a call that is over, and telling its ticket."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from tickets import events
from tickets.calls.models import Call, Callback, Hold
from tickets.calls.services.checking import (
    HoldSpan,
    check_customer,
    check_holds,
    check_outcome,
    check_span,
    number,
    one_of,
)
from tickets.calls.services.promising import State, owed, settle
from tickets.lifecycle import Status
from tickets.models import Ticket, TicketEvent
from tickets.people.models import Contact, User
from tickets.services import triage, words
from tickets.services.addressees import Wait, is_answer, keep_waiting, unreached
from tickets.services.locking import lock, must_not_be_merged, touch

Kind = TicketEvent.Kind
# What says which promises it is about, none included.
ABOUT_PROMISES = (Kind.CALL_REACHED, Kind.CALL_ATTEMPTED)
# So much of what was said stands in the ticket's history; all of it in the call.
SHOWN = 300


def log_call(
    *,
    ticket: Ticket | None,
    contact: Contact | None,
    direction: str,
    outcome: str,
    started_at: datetime,
    ended_at: datetime,
    summary: str,
    actor: User | None,
    now: datetime,
    holds: Sequence[HoldSpan] = (),
    callback: Callback | None = None,
    number_called: str = "",
) -> Call:
    """Writes a call down; what it means for the clocks counts from ``started_at``.

    We called and reached the customer: satisfies the reply clocks and settles ``callback``, or when
    None the oldest that this contact was promised; not reached: an attempt on it. Without
    ``contact`` it was with whom ``callback`` was promised to, else the ticket's customer. Raises
    Invalid at the field, and TooLate when ``callback`` was settled meanwhile.
    """
    call = Call(
        ticket=ticket, contact=contact, direction=one_of(Call.Direction, direction, "direction"),
        outcome=check_outcome(outcome, ticket), started_at=started_at, ended_at=ended_at,
        summary=said(summary), agent=actor, number=number(number_called),
    )  # fmt: skip
    check_span(started_at, ended_at, now)
    check_holds(call, holds, ended_at)
    with transaction.atomic():
        if ticket is not None:
            lock(ticket)
            must_not_be_merged(ticket)
            call.contact = contact or (callback.whom if callback else ticket.requester)
            check_customer(ticket, call.contact)
        about = owed(call, callback)
        call.callback = about
        call.save(force_insert=True)
        Hold.objects.bulk_create(
            Hold(
                call=call, started_at=hold.started_at, ended_at=hold.ended_at, because=hold.because
            )
            for hold in holds
        )
        if ticket is not None:
            tell(ticket, call, about, actor, now)
    return call


def said(summary: str) -> str:
    """What was said, checked; it may be empty. Raises Invalid."""
    return words.body(summary, "summary") if summary.strip() else ""


def tell(
    ticket: Ticket, call: Call, about: Callback | None, actor: User | None, now: datetime
) -> None:
    """The event of a call that is over, and what it settles, under the ticket's lock."""
    kind = _what_it_was(ticket, call, about)
    waits = _others_waiting(ticket, call) if kind == Kind.CALL_REACHED else []
    if about and call.outcome == Call.Outcome.REACHED:
        settle(about, State.KEPT, call, call.started_at)
    touch(ticket, now)
    further: dict[str, Any] = {"callback": str(about.pk)} if about else {}
    if kind in ABOUT_PROMISES:
        further["promises"] = [str(about.pk)] if about else []
    if kind == Kind.CALL_TO_ANOTHER:
        further["customer"] = call.with_whom
    events.record(
        ticket, kind, at=call.started_at, now=now, actor=actor, call=str(call.pk),
        outcome=call.outcome, summary=" ".join(call.summary.split())[:SHOWN], **further,
    )  # fmt: skip
    keep_waiting(ticket, waits, at=call.started_at, now=now)
    if kind == Kind.CALL_REACHED and ticket.status == Status.NEW:
        triage.set_status(ticket=ticket, status=Status.OPEN, actor=actor, now=now)


def _what_it_was(ticket: Ticket, call: Call, about: Callback | None) -> TicketEvent.Kind:
    if call.direction != Call.Direction.OUTBOUND:
        return Kind.CALL_RECEIVED
    reached = call.outcome == Call.Outcome.REACHED
    to_who_waits = call.contact is None or is_answer(ticket, call.contact, call.started_at)
    if not to_who_waits and (reached or about is None):
        return Kind.CALL_TO_ANOTHER
    return Kind.CALL_REACHED if reached else Kind.CALL_ATTEMPTED


def _others_waiting(ticket: Ticket, call: Call) -> list[Wait]:
    """Other customers of the same matter, whom a merge brought: the call told them nothing."""
    waits = unreached(ticket, set(), call.started_at)
    return [each for each in waits if each[0].pk != call.contact_id]
