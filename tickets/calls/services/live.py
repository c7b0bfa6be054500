"""A call while it lasts: begun, the caller named, put on hold and taken back, words kept."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from tickets.calls.models import Call, Callback, Hold
from tickets.calls.services.checking import check_customer, is_customer, number, one_of
from tickets.calls.services.holding import under_way
from tickets.calls.services.promising import check_about, settled_before
from tickets.calls.services.recording import said
from tickets.errors import Conflict, Invalid, TooLate
from tickets.models import Ticket
from tickets.people.models import Contact, User
from tickets.services import words
from tickets.services.locking import lock, lock_both, must_not_be_merged
from tickets.words import ago

# What «a moment» is where nobody said otherwise; and what nobody would call one any more.
MOMENT = timedelta(seconds=60)
SHORTEST, LONGEST = timedelta(seconds=5), timedelta(minutes=30)


def begin(
    *,
    direction: str,
    actor: User,
    now: datetime,
    ticket: Ticket | None = None,
    contact: Contact | None = None,
    number_called: str = "",
    callback: Callback | None = None,
    beside: Collection[int] = (),
) -> Call:
    """A call is under way from ``now`` on; nobody need be known yet.

    ``callback`` is the promise that it is made for; whoever is calling for it already must be among
    those that ``actor`` knows of, ``beside``. Raises Invalid, TooLate where the promise was settled,
    and Conflict where somebody else is calling for it or ``actor`` is on a call already.
    """
    call = Call(
        direction=one_of(Call.Direction, direction, "direction"), agent=actor, started_at=now,
        ticket=ticket, contact=contact, number=number(number_called), callback=callback,
    )  # fmt: skip
    if callback is not None and ticket is None:
        raise Invalid("A promised call is made on its ticket.", "ticket")
    try:
        with transaction.atomic():
            if ticket is not None:
                lock(ticket)
                _check_ticket(call, ticket)
                _nobody_else_calls(call, beside)
            call.save(force_insert=True)
    except IntegrityError:
        raise _on_the_phone(actor, now) from None
    return call


def hold(
    *,
    call: Call,
    actor: User,
    now: datetime,
    moment: timedelta = MOMENT,
    because: str = "",
) -> Hold:
    """The caller waits, and was told that we come back within ``moment``.

    Once, however often it is asked: raises TooLate where they wait already, and Invalid.
    """
    if not SHORTEST <= moment <= LONGEST:
        raise Invalid("Say a moment of 5 seconds to 30 minutes.", "seconds")
    because = words.reason(because, "because") if because.strip() else ""
    with under_way(call, now):
        waiting = Hold.objects.filter(call=call, ended_at=None).first()
        if waiting:
            raise TooLate(f"The caller is on hold already, since {ago(waiting.started_at, now)}.")
        return Hold.objects.create(call=call, started_at=now, back_at=now + moment, because=because)


def resume(*, call: Call, actor: User, now: datetime) -> Hold:
    """Back to the caller. Raises TooLate where they do not wait (any more)."""
    with under_way(call, now):
        waiting = Hold.objects.filter(call=call, ended_at=None).first()
        if waiting is None:
            raise TooLate("The caller is not on hold.")
        waiting.ended_at = max(now, waiting.started_at)
        waiting.save(update_fields=["ended_at"])
        return waiting


def keep_draft(*, call: Call, summary: str, actor: User, now: datetime) -> Call:
    """What is written while one speaks stays, whatever becomes of the browser. Raises TooLate."""
    text = said(summary)
    with under_way(call, now):
        call.summary = text
        call.save(update_fields=["summary"])
        return call


def name_caller(*, call: Call, contact: Contact, actor: User, now: datetime) -> Call:
    """We know who it is; on a ticket it must be one of its customers. Raises Invalid, TooLate."""
    with under_way(call, now):
        if call.ticket is not None:
            check_customer(call.ticket, contact)
        call.contact = contact
        call.save(update_fields=["contact"])
        return call


def attach(*, call: Call, ticket: Ticket, actor: User, now: datetime) -> Call:
    """The call is about ``ticket``; another customer than was named is then the ticket's own.

    A call that was made for a promise stays with it. Raises Invalid, Over, TooLate.
    """
    with transaction.atomic(), _both(call, ticket), under_way(call, now):
        must_not_be_merged(ticket)
        if call.callback is not None and call.callback.ticket_id != ticket.pk:
            raise Invalid("This call keeps a promise made on its ticket.", "ticket")
        if call.contact is None or not is_customer(ticket, call.contact):
            call.contact = ticket.requester
        call.ticket = ticket
        call.save(update_fields=["ticket", "contact"])
        return call


def _check_ticket(call: Call, ticket: Ticket) -> None:
    """The customer of a call on a locked ticket, and the promise it is made for."""
    must_not_be_merged(ticket)
    callback = call.callback
    call.contact = call.contact or (callback.whom if callback else ticket.requester)
    check_customer(ticket, call.contact)
    if callback is not None:
        check_about(callback, call)
        callback.refresh_from_db()
        if callback.state != Callback.State.OPEN:
            raise TooLate(settled_before(callback))
        call.number = call.number or callback.number


def _nobody_else_calls(call: Call, known: Collection[int]) -> None:
    """Under the ticket's lock: of two who call for one promise, the second hears of the first."""
    if call.callback is None:
        return
    others = Call.objects.under_way().filter(callback=call.callback, agent__isnull=False)
    other = others.exclude(agent__in=[call.agent_id, *known]).select_related("agent").first()
    if other and other.agent:
        who = other.agent.name
        raise Conflict(f"{who} is calling them about this right now: ask {who} before you call.")


@contextmanager
def _both(call: Call, ticket: Ticket) -> Iterator[None]:
    """The ticket that the call leaves and the one it goes to, locked in the order of everywhere."""
    if call.ticket is not None and call.ticket.pk != ticket.pk:
        lock_both(call.ticket, ticket)
    else:
        lock(ticket)
    yield


def _on_the_phone(actor: User, now: datetime) -> Conflict:
    other = Call.objects.of(actor).under_way().select_related("contact").first()
    if other is None:
        return Conflict("That call has just ended. Begin again.")
    since = ago(other.started_at, now)
    return Conflict(f"You are on a call with {other.with_whom}, begun {since}: finish it first.")
