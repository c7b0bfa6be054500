"""The end of a call: what came of it, and what was promised, in one transaction."""

from datetime import datetime

from tickets.calls.models import Call, Callback, Hold
from tickets.calls.services.checking import aware, check_outcome, check_span
from tickets.calls.services.holding import under_way
from tickets.calls.services.promising import Promise, owed, promise_callback
from tickets.calls.services.recording import said, tell
from tickets.errors import Invalid
from tickets.people.models import User
from tickets.words import ago


def finish(
    *,
    call: Call,
    outcome: str,
    summary: str,
    actor: User,
    now: datetime,
    ended_at: datetime | None = None,
    promise: Promise | None = None,
) -> Call:
    """Ends the call once, tells its ticket, settles the promise it was made for, makes the new one.

    As with ``log_call``, the clocks count it from its start. ``ended_at`` is when it really ended,
    and must be said of a call that was forgotten. Raises Invalid at the field, Over, and TooLate
    where it was finished in another tab.
    """
    text = said(summary)
    with under_way(call, now):
        call.outcome = check_outcome(outcome, call.ticket)
        call.ended_at, call.summary = _end(call, ended_at, now), text
        if promise is not None and call.ticket is None:
            raise Invalid("A call is promised on a ticket: choose or open one first.", "promise")
        Hold.objects.filter(call=call, ended_at=None).update(ended_at=call.ended_at)
        about = owed(call, _still_owed(call))
        call.callback = about or call.callback
        call.save(update_fields=["outcome", "ended_at", "summary", "callback"])
        if call.ticket is not None:
            tell(call.ticket, call, about, actor, now)
            if promise is not None:
                _promise(call, promise, actor, now)
    return call


def _end(call: Call, ended_at: datetime | None, now: datetime) -> datetime:
    if ended_at is None:
        if call.is_forgotten(now):
            raise Invalid(
                f"It began {ago(call.started_at, now)}: say when it really ended.", "ended_at"
            )
        return max(now, call.started_at)
    aware(ended_at, "ended_at")
    check_span(call.started_at, ended_at, now)
    last = call.holds.order_by("-started_at").first()
    if last and ended_at < (last.ended_at or last.started_at):
        raise Invalid("A call cannot end before its last hold.", "ended_at")
    return ended_at


def _still_owed(call: Call) -> Callback | None:
    """The promise it was made for, unless somebody settled it while we spoke."""
    if call.callback_id is None:
        return None
    return Callback.objects.owed().filter(pk=call.callback_id, ticket=call.ticket_id).first()


def _promise(call: Call, promise: Promise, actor: User, now: datetime) -> None:
    assert call.ticket is not None  # noqa: S101  asked by the caller
    try:
        promise_callback(
            ticket=call.ticket, due_at=promise.due_at, actor=actor, because=promise.because,
            now=now, contact=promise.contact or call.contact, number_to_call=promise.number,
        )  # fmt: skip
    except Invalid as refusal:
        # Its fields stand beside those of the call.
        named = {"due_at": "promise_at", "because": "promise_because", "number": "promise_number"}
        raise Invalid(refusal.message, named.get(refusal.field, "promise")) from None
