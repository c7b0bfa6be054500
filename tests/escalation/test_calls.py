"""What a call under way means for the clocks, and what lists show of promised calls."""

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace

import pytest

from escalation.models import Clock
from tests.escalation.conftest import HOUR, MINUTE, policy, sweep
from tests.factories import customer_writes, replied
from tickets import events
from tickets.calls import services as calls
from tickets.models import Ticket, TicketEvent
from tickets.people.models import Contact
from tickets.services import triage

Open = Callable[..., Ticket]


def test_the_promise_of_a_call_ends_as_a_clock_on_its_ticket(
    desk: SimpleNamespace, opened: Open, now: datetime
) -> None:
    ticket = opened()
    call = calls.begin(direction="inbound", actor=desk.ana, now=now + MINUTE, ticket=ticket)
    promise = calls.Promise(now + HOUR, "The price")
    at = now + 5 * MINUTE
    calls.finish(call=call, outcome="reached", summary="x", actor=desk.ana, now=at, promise=promise)
    owed = Clock.objects.get(ticket=ticket, metric="callback")
    assert (owed.due_at, owed.state) == (now + HOUR, "running")
    again = calls.begin(
        direction="outbound", actor=desk.ana, now=now + HOUR - MINUTE, ticket=ticket
    )
    calls.finish(call=again, outcome="reached", summary="x", actor=desk.ana, now=now + HOUR)
    owed.refresh_from_db()
    assert owed.state == "met"
    # What they called about is answered by our call, not by theirs.
    assert Clock.objects.get(ticket=ticket, metric="first_reply").satisfied_at == again.started_at


def test_a_promise_by_the_schedule_is_listed_by_its_clocks_deadline(
    desk: SimpleNamespace, opened: Open, now: datetime
) -> None:
    ticket = opened()
    promise = calls.promise_callback(
        ticket=ticket, due_at=None, actor=desk.ana, because="As said", now=now
    )
    promise.refresh_from_db()
    owed = Clock.objects.get(ticket=ticket, metric="callback")
    assert owed.due_at is not None
    assert promise.expected_at == owed.due_at
    triage.set_category(ticket=ticket, category=desk.management, actor=desk.ana, now=now)
    promise.refresh_from_db()
    owed.refresh_from_db()
    assert promise.expected_at == owed.due_at


def test_who_was_being_called_when_the_deadline_passed_was_called_in_time(
    desk: SimpleNamespace, opened: Open, now: datetime
) -> None:
    ticket = opened()
    due = now + HOUR
    promise = calls.promise_callback(
        ticket=ticket, due_at=due, actor=desk.ana, because="As said", now=now
    )
    call = calls.begin(
        direction="outbound", actor=desk.ana, now=due - MINUTE, ticket=ticket, callback=promise
    )
    sweep(due + MINUTE)
    calls.finish(call=call, outcome="reached", summary="x", actor=desk.ana, now=due + 5 * MINUTE)
    promise.refresh_from_db()
    assert (promise.state, promise.settled_at) == ("kept", due - MINUTE)
    owed = Clock.objects.get(ticket=ticket, metric="callback")
    assert owed.satisfied_at == due - MINUTE


def test_a_promised_call_stays_owed_where_the_ticket_goes_to_a_schedule_without_time_for_calls(
    desk: SimpleNamespace, opened: Open, now: datetime
) -> None:
    policy("Calls", now, {"metric": "callback", "duration": HOUR}, natures=["question"])
    policy("Thanks", now, {"metric": "callback", "duration": None}, natures=["suggestion"])
    ticket = opened(category=desk.question)
    promise = calls.promise_callback(
        ticket=ticket, due_at=None, actor=desk.ana, because="As said", now=now
    )
    triage.set_category(ticket=ticket, category=desk.suggestion, actor=desk.ana, now=now + MINUTE)
    owed = Clock.objects.get(ticket=ticket, metric="callback")
    promise.refresh_from_db()
    assert (owed.state, owed.due_at, promise.expected_at) == ("running", now + HOUR, now + HOUR)
    sweep(now + 2 * HOUR)
    owed.refresh_from_db()
    assert owed.state == "breached"
    assert ticket.events.filter(kind="breached", data__metric="callback").count() == 1


def test_a_promise_that_gets_no_clock_is_put_before_a_person(
    desk: SimpleNamespace, opened: Open, now: datetime
) -> None:
    policy("Thanks", now, {"metric": "callback", "duration": None})
    ticket = opened()
    calls.promise_callback(ticket=ticket, due_at=None, actor=desk.ana, because="Soon", now=now)
    assert not Clock.objects.filter(ticket=ticket, metric="callback").exists()
    flag = ticket.escalations.get(trigger="flag")
    assert flag.because.startswith("A call was promised, but this ticket's schedule says no time")


def test_a_call_to_a_colleague_of_the_customer_stops_no_clock(
    desk: SimpleNamespace, opened: Open, now: datetime
) -> None:
    ticket = opened(requester=desk.carla)
    cleo = Contact.objects.create(name="Cleo", organization=desk.acme)
    at = now + 5 * MINUTE
    calls.log_call(
        ticket=ticket, contact=cleo, direction="outbound", outcome="reached", started_at=at,
        ended_at=at, summary="Not there.", actor=desk.ana, now=at,
    )  # fmt: skip
    first = Clock.objects.get(ticket=ticket, metric="first_reply")
    assert (first.state, first.satisfied_at) == ("running", None)


@pytest.mark.parametrize("to_the_customer", [True, False])
@pytest.mark.parametrize("outcome", ["reached", "no_answer"])
def test_a_call_to_one_person_leaves_the_clock_of_what_another_was_promised(
    desk: SimpleNamespace, opened: Open, now: datetime, to_the_customer: bool, outcome: str
) -> None:
    target = {"metric": "callback", "duration": HOUR, "attempts": 1}
    policy("Calls", now, {"metric": "first_reply", "duration": HOUR}, target)
    colin = Contact.objects.create(name="Colin", organization=desk.acme)
    ticket = opened(requester=desk.carla)
    replied(ticket, desk.ana, now + MINUTE)
    customer_writes(ticket, now + 2 * MINUTE, contact=colin)
    promised, called = (colin, desk.carla) if to_the_customer else (desk.carla, colin)
    at = now + 3 * MINUTE
    promise = calls.promise_callback(
        ticket=ticket, due_at=now + HOUR, actor=desk.ana, because="Asked", now=at, contact=promised
    )
    for contact, states in ((called, ("open", "running")), (promised, ("kept", "met"))):
        at += 2 * MINUTE
        calls.log_call(
            ticket=ticket, contact=contact, direction="outbound", outcome=outcome, started_at=at,
            ended_at=at + MINUTE, summary="", actor=desk.ana, now=at + MINUTE,
        )  # fmt: skip
        promise.refresh_from_db()
        its = Clock.objects.get(ticket=ticket, metric="callback")
        assert (promise.state, its.state) == states


def test_a_call_from_before_calls_named_their_promises_keeps_every_open_one(
    desk: SimpleNamespace, opened: Open, now: datetime
) -> None:
    ticket = opened()
    for minute in (1, 2):
        calls.promise_callback(
            ticket=ticket, due_at=now + HOUR, actor=desk.ana, because="Asked",
            now=now + minute * MINUTE,
        )  # fmt: skip
    at = now + 3 * MINUTE
    events.record(ticket, TicketEvent.Kind.CALL_REACHED, at=at, now=at, actor=desk.ana)
    its = Clock.objects.filter(ticket=ticket, metric="callback")
    assert list(its.values_list("state", flat=True)) == ["met", "met"]
