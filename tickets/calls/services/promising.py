"""Calls that we owe: promised, made, withdrawn; facts go to the ticket's events."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from tickets import events
from tickets.calls.models import LONGEST_BECAUSE, Call, Callback
from tickets.calls.services.checking import aware, check_customer, number
from tickets.errors import Invalid, TooLate
from tickets.models import Ticket, TicketEvent
from tickets.people.models import Contact, User
from tickets.services import words
from tickets.services.locking import locked, must_not_be_closed, touch

Kind = TicketEvent.Kind
State = Callback.State
FARTHEST_PROMISE = timedelta(days=366)


@dataclass(frozen=True)
class Promise:
    """What was promised on the phone: a call by ``due_at`` (None: as the schedule says), to whom."""

    due_at: datetime | None
    because: str
    contact: Contact | None = None
    number: str = ""


def promise_callback(
    *,
    ticket: Ticket,
    due_at: datetime | None,
    actor: User | None,
    because: str,
    now: datetime,
    contact: Contact | None = None,
    number_to_call: str = "",
) -> Callback:
    """We owe the customer a call, by ``due_at``; None leaves the time to the response schedule.

    ``actor`` None means that a policy promised it; ``contact`` None that the ticket's customer is
    to be called. Raises Invalid.
    """
    because = words.reason(because, "because", LONGEST_BECAUSE)
    dialled = number(number_to_call)
    if due_at is not None:
        aware(due_at, "due_at")
        if not now < due_at <= now + FARTHEST_PROMISE:
            raise Invalid("Promise a call within the coming year, not in the past.", "due_at")
    with locked(ticket):
        must_not_be_closed(ticket)
        if contact is not None:
            check_customer(ticket, contact)
        callback = Callback.objects.create(
            ticket=ticket, because=because, due_at=due_at, expected_at=due_at, promised_at=now,
            promised_by=actor, contact=contact, number=dialled,
        )  # fmt: skip
        touch(ticket, now)
        record_promise(callback, actor=actor, now=now)
        return callback


def withdraw_callback(
    *, callback: Callback, actor: User | None, now: datetime, because: str = ""
) -> Callback:
    """The call is not owed any more. Raises TooLate when it was made or withdrawn before."""
    reason = words.reason(because, "because") if because.strip() else ""
    with locked(callback.ticket) as ticket:
        settle(callback, State.WITHDRAWN, None, now)
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
        settle(callback, State.KEPT, call, call.started_at)
        return callback


def expect(deadlines: dict[int, datetime | None]) -> None:
    """Stores, for lists, by when each promise is to be kept: for the floor that owns the clocks."""
    for pk, at in deadlines.items():
        Callback.objects.filter(pk=pk).exclude(expected_at=at).update(expected_at=at)


def record_promise(callback: Callback, *, actor: User | None, now: datetime) -> None:
    """The event that starts the callback clock, at the instant of the promise."""
    events.record(
        callback.ticket, Kind.CALLBACK_PROMISED, at=callback.promised_at, now=now, actor=actor,
        callback=str(callback.pk), because=callback.because,
        due_at=callback.due_at.isoformat() if callback.due_at else None,
    )  # fmt: skip


def owed(call: Call, callback: Callback | None) -> Callback | None:
    """The promise that this call is about: the one named, else the oldest to whom it was with.

    One made after the call began cannot be. Raises Invalid, TooLate.
    """
    if callback is None:
        if call.ticket is None or call.direction != Call.Direction.OUTBOUND:
            return None
        known = Callback.objects.owed().filter(ticket=call.ticket, promised_at__lte=call.started_at)
        known = known.filter(_promised_to(call.contact, call.ticket))
        return known.order_by("promised_at", "pk").first()
    check_about(callback, call)
    callback.refresh_from_db()
    if callback.state != State.OPEN:
        raise TooLate(settled_before(callback))
    return callback


def _promised_to(contact: Contact | None, ticket: Ticket) -> Q:
    """Promises to ``contact``, None being the ticket's customer: one to somebody else stays owed."""
    if contact is None or contact.pk == ticket.requester_id:
        return Q(contact=None) | Q(contact=ticket.requester_id)
    return Q(contact=contact)


def check_about(callback: Callback, call: Call) -> None:
    """Raises Invalid where ``call`` cannot keep this promise."""
    if call.direction != Call.Direction.OUTBOUND:
        raise Invalid("Only a call of ours keeps a promise to call.", "callback")
    if call.ticket is None or callback.ticket_id != call.ticket.pk:
        raise Invalid("This callback was promised on another ticket.", "callback")
    if callback.promised_at > call.started_at:
        raise Invalid("This callback was promised after the call.", "callback")


def settle(callback: Callback, state: State, call: Call | None, at: datetime) -> None:
    """Leaves ``open`` exactly once, whatever races."""
    changed = Callback.objects.filter(pk=callback.pk, state=State.OPEN).update(
        state=state, settled_by=call, settled_at=at
    )
    callback.refresh_from_db()
    if not changed:
        raise TooLate(settled_before(callback))


def settled_before(callback: Callback) -> str:
    was = "made" if callback.state == State.KEPT else "withdrawn"
    return f"This callback was {was} already."
