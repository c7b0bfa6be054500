"""Logging calls, promising them, and settling the promise; facts go to the ticket's events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from django.db import transaction
from django.utils.timezone import is_naive

from tickets import events
from tickets.calls.models import Call, Callback, Hold
from tickets.errors import Invalid, TooLate
from tickets.lifecycle import Status
from tickets.models import Message, Ticket, TicketEvent
from tickets.people.models import Contact, User
from tickets.services import triage, words
from tickets.services.locking import (
    lock,
    locked,
    must_not_be_closed,
    must_not_be_merged,
    touch,
)

Kind = TicketEvent.Kind
Direction: TypeAlias = Call.Direction
Outcome: TypeAlias = Call.Outcome
State: TypeAlias = Callback.State
# So much of what was said stands in the ticket's history; all of it in the call.
SHOWN = 300
LONGEST_CALL = timedelta(hours=24)
FARTHEST_PROMISE = timedelta(days=366)


@dataclass(frozen=True)
class HoldSpan:
    """While a call lasted the caller waited from ``started_at`` to ``ended_at``."""

    started_at: datetime
    ended_at: datetime
    because: str = ""


def log_call(
    *,
    ticket: Ticket | None,
    contact: Contact,
    direction: str,
    outcome: str,
    started_at: datetime,
    ended_at: datetime,
    summary: str,
    actor: User | None,
    now: datetime,
    holds: Sequence[HoldSpan] = (),
    callback: Callback | None = None,
) -> Call:
    """Writes a call down; what it means for the clocks counts from ``started_at``.

    We called and reached the customer: satisfies the reply clocks and settles ``callback``, or the
    ticket's oldest open one when None; not reached: an attempt on it. Raises Invalid at the field,
    and TooLate when ``callback`` was settled meanwhile.
    """
    call = Call(
        ticket=ticket, contact=contact, direction=_one_of(Direction, direction, "direction"),
        outcome=_one_of(Outcome, outcome, "outcome"), started_at=started_at, ended_at=ended_at,
        summary=words.body(summary, "summary") if summary.strip() else "", agent=actor,
    )  # fmt: skip
    _check_span(call, now)
    _check_holds(call, holds)
    with transaction.atomic():
        if ticket is not None:
            lock(ticket)
            must_not_be_merged(ticket)
            _check_customer(ticket, contact)
        owed = _owed(call, callback)
        call.save(force_insert=True)
        Hold.objects.bulk_create(
            Hold(
                call=call, started_at=hold.started_at, ended_at=hold.ended_at, because=hold.because
            )
            for hold in holds
        )
        if ticket is not None:
            _tell(ticket, call, owed, actor, now)
    return call


def promise_callback(
    *, ticket: Ticket, due_at: datetime | None, actor: User | None, because: str, now: datetime
) -> Callback:
    """We owe the customer a call, by ``due_at``; None leaves the time to the response schedule.

    ``actor`` None means that a policy promised it. Raises Invalid.
    """
    because = words.reason(because, "because")
    if due_at is not None:
        _aware(due_at, "due_at")
        if not now < due_at <= now + FARTHEST_PROMISE:
            raise Invalid("Promise a call within the coming year, not in the past.", "due_at")
    with locked(ticket):
        must_not_be_closed(ticket)
        callback = Callback.objects.create(
            ticket=ticket, because=because, due_at=due_at, promised_at=now, promised_by=actor
        )
        touch(ticket, now)
        record_promise(callback, actor=actor, now=now)
        return callback


def withdraw_callback(
    *, callback: Callback, actor: User | None, now: datetime, because: str = ""
) -> Callback:
    """The call is not owed any more. Raises TooLate when it was made or withdrawn before."""
    reason = words.reason(because, "because") if because.strip() else ""
    with locked(callback.ticket) as ticket:
        _settle(callback, State.WITHDRAWN, None, now)
        touch(ticket, now)
        events.record(
            ticket, Kind.CALLBACK_WITHDRAWN, at=now, now=now, actor=actor,
            callback=str(callback.pk), because=reason,
        )  # fmt: skip
        return callback


def keep_callback(*, callback: Callback, call: Call) -> Callback:
    """``call`` settled the promise: for the floor whose policy counts unanswered attempts.

    Records no event, the call has its own. Raises TooLate when it was settled before.
    """
    with locked(callback.ticket):
        _settle(callback, State.KEPT, call, call.started_at)
        return callback


def record_promise(callback: Callback, *, actor: User | None, now: datetime) -> None:
    """The event that starts the callback clock, at the instant of the promise."""
    events.record(
        callback.ticket, Kind.CALLBACK_PROMISED, at=callback.promised_at, now=now, actor=actor,
        callback=str(callback.pk), because=callback.because,
        due_at=callback.due_at.isoformat() if callback.due_at else None,
    )  # fmt: skip


def _tell(
    ticket: Ticket, call: Call, owed: Callback | None, actor: User | None, now: datetime
) -> None:
    reached = call.outcome == Outcome.REACHED
    kind = Kind.CALL_RECEIVED
    if call.direction == Direction.OUTBOUND:
        kind = Kind.CALL_REACHED if reached else Kind.CALL_ATTEMPTED
    if owed and reached:
        _settle(owed, State.KEPT, call, call.started_at)
    touch(ticket, now)
    about: dict[str, Any] = {"callback": str(owed.pk)} if owed else {}
    events.record(
        ticket, kind, at=call.started_at, now=now, actor=actor, call=str(call.pk),
        outcome=call.outcome, summary=" ".join(call.summary.split())[:SHOWN], **about,
    )  # fmt: skip
    if kind == Kind.CALL_REACHED and ticket.status == Status.NEW:
        triage.set_status(ticket=ticket, status=Status.OPEN, actor=actor, now=now)


def _owed(call: Call, callback: Callback | None) -> Callback | None:
    """The promise that this call is about; one made later cannot be."""
    if callback is None:
        if call.ticket is None or call.direction != Direction.OUTBOUND:
            return None
        known = Callback.objects.filter(
            ticket=call.ticket, state=State.OPEN, promised_at__lte=call.started_at
        )
        return known.order_by("promised_at", "pk").first()
    if call.direction != Direction.OUTBOUND:
        raise Invalid("Only a call of ours keeps a promise to call.", "callback")
    if call.ticket is None or callback.ticket_id != call.ticket.pk:
        raise Invalid("This callback was promised on another ticket.", "callback")
    if callback.promised_at > call.started_at:
        raise Invalid("This callback was promised after the call.", "callback")
    callback.refresh_from_db()
    if callback.state != State.OPEN:
        raise TooLate(_settled_before(callback))
    return callback


def _settle(callback: Callback, state: State, call: Call | None, at: datetime) -> None:
    """Leaves ``open`` exactly once, whatever races."""
    changed = Callback.objects.filter(pk=callback.pk, state=State.OPEN).update(
        state=state, settled_by=call, settled_at=at
    )
    callback.refresh_from_db()
    if not changed:
        raise TooLate(_settled_before(callback))


def _settled_before(callback: Callback) -> str:
    was = "made" if callback.state == State.KEPT else "withdrawn"
    return f"This callback was {was} already."


def _check_span(call: Call, now: datetime) -> None:
    _aware(call.started_at, "started_at")
    _aware(call.ended_at, "ended_at")
    if call.started_at > now:
        raise Invalid("A call cannot start in the future.", "started_at")
    if call.ended_at > now:
        raise Invalid("A call cannot end in the future.", "ended_at")
    if call.ended_at < call.started_at:
        raise Invalid("A call cannot end before it starts.", "ended_at")
    if call.ended_at - call.started_at > LONGEST_CALL:
        raise Invalid("A call of more than 24 hours is a slip of the pen.", "ended_at")


def _check_holds(call: Call, holds: Sequence[HoldSpan]) -> None:
    before = call.started_at
    for hold in holds:
        _aware(hold.started_at, "holds")
        _aware(hold.ended_at, "holds")
        if not before <= hold.started_at <= hold.ended_at <= call.ended_at:
            raise Invalid("Holds follow one another and lie within the call.", "holds")
        if hold.because:
            words.reason(hold.because, "holds")
        before = hold.ended_at


def _check_customer(ticket: Ticket, contact: Contact) -> None:
    """A call to somebody else must not stop the customer's clocks."""
    house = ticket.requester.organization_id
    if contact.pk == ticket.requester_id or (house and contact.organization_id == house):
        return
    if not Message.objects.filter(ticket=ticket, contact=contact).exists():
        raise Invalid(f"{contact.display_name} is not a customer on this ticket.", "contact")


def _one_of(choices: type[Direction] | type[Outcome], value: str, field: str) -> str:
    if value not in choices.values:
        raise Invalid(f"«{value[:40]}» is none of {', '.join(choices.values)}.", field)
    return value


def _aware(at: datetime, field: str) -> None:
    if is_naive(at):
        raise Invalid("An instant needs its time zone.", field)
