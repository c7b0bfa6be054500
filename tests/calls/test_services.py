from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from tickets.calls import services
from tickets.calls.models import Call, Callback
from tickets.calls.services import HoldSpan
from tickets.errors import Invalid, Over, TooLate
from tickets.models import Ticket, TicketEvent
from tickets.people.models import Contact
from tickets.services import triage
from tickets.services.opening import open_ticket

Kind = TicketEvent.Kind
MINUTE = timedelta(minutes=1)


def last_event(ticket: Ticket, *kinds: Kind) -> TicketEvent:
    event = ticket.events.filter(kind__in=kinds).last()
    assert event
    return event


def promise(ticket: Ticket, at: datetime, **changes: Any) -> Callback:
    return services.promise_callback(
        **{
            "ticket": ticket, "due_at": at + timedelta(hours=2), "actor": None,
            "because": "She asked for a call", "now": at, **changes,
        }
    )  # fmt: skip


def test_a_reached_call_counts_from_its_start(log: Any, ticket: Ticket, now: datetime) -> None:
    call = log()
    event = last_event(ticket, Kind.CALL_REACHED)
    assert (event.at, event.recorded_at) == (now - 3 * MINUTE, now)
    said = {"summary": "Told her to change the bulb."}
    about = {"call": str(call.pk), "promises": []}
    assert event.data == {"outcome": "reached"} | about | said


def test_a_reached_call_answers_a_new_ticket(log: Any, ticket: Ticket) -> None:
    log()
    ticket.refresh_from_db()
    assert ticket.status == "open"


@pytest.mark.parametrize("outcome", ["no_answer", "voicemail", "busy"])
def test_a_call_that_reached_nobody_is_an_attempt(log: Any, ticket: Ticket, outcome: str) -> None:
    log(outcome=outcome)
    ticket.refresh_from_db()
    assert last_event(ticket, Kind.CALL_ATTEMPTED).data["outcome"] == outcome
    assert ticket.status == "new"
    assert not ticket.events.filter(kind=Kind.CALL_REACHED).exists()


def test_a_call_of_the_customer_answers_nothing(log: Any, ticket: Ticket, now: datetime) -> None:
    owed = promise(ticket, now - 9 * MINUTE)
    log(direction="inbound")
    owed.refresh_from_db()
    ticket.refresh_from_db()
    assert last_event(ticket, Kind.CALL_RECEIVED, Kind.CALL_REACHED).kind == Kind.CALL_RECEIVED
    assert (owed.state, ticket.status) == ("open", "new")


def test_a_call_without_a_ticket_is_logged(log: Any) -> None:
    assert log(ticket=None).pk
    assert not TicketEvent.objects.filter(kind__startswith="call").exists()


def test_logging_a_call_overwrites_nobody(log: Any, ticket: Ticket) -> None:
    before = ticket.version
    log(outcome="busy")
    ticket.refresh_from_db()
    assert ticket.version == before


def test_a_reached_call_keeps_the_oldest_promise_only(
    log: Any, ticket: Ticket, now: datetime
) -> None:
    first, second = promise(ticket, now - 9 * MINUTE), promise(ticket, now - 8 * MINUTE)
    call = log()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.settled_by, first.settled_at) == ("kept", call, call.started_at)
    assert second.state == "open"
    assert last_event(ticket, Kind.CALL_REACHED).data["callback"] == str(first.pk)


def test_a_reached_call_keeps_the_promise_it_names(log: Any, ticket: Ticket, now: datetime) -> None:
    first, second = promise(ticket, now - 9 * MINUTE), promise(ticket, now - 8 * MINUTE)
    log(callback=second)
    first.refresh_from_db()
    assert first.state == "open"
    assert last_event(ticket, Kind.CALL_REACHED).data["callback"] == str(second.pk)


def test_an_attempt_names_its_promise_and_leaves_it_open(
    log: Any, ticket: Ticket, now: datetime
) -> None:
    owed = promise(ticket, now - 9 * MINUTE)
    call = log(outcome="no_answer")
    owed.refresh_from_db()
    assert owed.state == "open"
    assert last_event(ticket, Kind.CALL_ATTEMPTED).data["callback"] == str(owed.pk)
    services.keep_callback(callback=owed, call=call)
    assert (owed.state, owed.settled_by) == ("kept", call)


def test_a_promise_made_after_the_call_stays_owed(log: Any, ticket: Ticket, now: datetime) -> None:
    owed = promise(ticket, now - MINUTE)
    log()
    owed.refresh_from_db()
    assert owed.state == "open"
    with pytest.raises(Invalid) as refused:
        log(callback=owed)
    assert refused.value.field == "callback"


def test_a_promise_is_kept_once(log: Any, ticket: Ticket, now: datetime) -> None:
    owed = promise(ticket, now - 9 * MINUTE)
    log(callback=owed)
    with pytest.raises(TooLate, match="made already"):
        log(callback=Callback.objects.get(pk=owed.pk))
    with pytest.raises(TooLate, match="made already"):
        services.withdraw_callback(callback=owed, actor=None, now=now)
    assert Call.objects.count() == 1


def test_promising_and_withdrawing_are_facts(
    ticket: Ticket, cast: SimpleNamespace, now: datetime
) -> None:
    owed = promise(ticket, now, actor=cast.ana)
    services.withdraw_callback(callback=owed, actor=cast.ana, now=now, because="She wrote instead")
    promised, withdrawn = ticket.events.filter(kind__startswith="callback")
    assert promised.data["callback"] == withdrawn.data["callback"] == str(owed.pk)
    assert promised.data["due_at"] == (now + timedelta(hours=2)).isoformat()
    assert withdrawn.data["because"] == "She wrote instead"
    assert owed.state == "withdrawn"


def test_a_promise_by_policy_leaves_the_time_to_the_schedule(ticket: Ticket, now: datetime) -> None:
    owed = promise(ticket, now, due_at=None)
    assert last_event(ticket, Kind.CALLBACK_PROMISED).data["due_at"] is None
    assert owed.promised_by is None


@pytest.mark.parametrize("due_in", [timedelta(0), timedelta(days=-1), timedelta(days=367)], ids=str)
def test_an_impossible_promise_is_refused(ticket: Ticket, now: datetime, due_in: timedelta) -> None:
    with pytest.raises(Invalid) as refused:
        promise(ticket, now, due_at=now + due_in)
    assert refused.value.field == "due_at"
    assert not Callback.objects.exists()


def test_nothing_is_promised_on_a_closed_ticket(ticket: Ticket, now: datetime) -> None:
    triage.set_status(ticket=ticket, status="closed", actor=None, now=now)
    with pytest.raises(Over):
        promise(ticket, now)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("started_at", {"started_at": timedelta(minutes=1), "ended_at": timedelta(minutes=2)}),
        ("ended_at", {"ended_at": timedelta(minutes=1)}),
        ("ended_at", {"ended_at": timedelta(minutes=-4)}),
        ("ended_at", {"started_at": timedelta(hours=-25)}),
    ],
)
def test_impossible_times_are_refused_at_the_field(
    log: Any, now: datetime, field: str, changes: dict[str, timedelta]
) -> None:
    with pytest.raises(Invalid) as refused:
        log(**{name: now + shift for name, shift in changes.items()})
    assert refused.value.field == field
    assert not Call.objects.exists()


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("direction", {"direction": "sideways"}),
        ("outcome", {"outcome": "maybe"}),
        ("summary", {"summary": "nul\x00"}),
        ("started_at", {"started_at": datetime(2026, 3, 3, 9)}),  # noqa: DTZ001
    ],
)
def test_what_cannot_be_is_refused_at_the_field(
    log: Any, field: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(Invalid) as refused:
        log(**changes)
    assert refused.value.field == field


def test_a_call_to_a_stranger_does_not_stop_the_customers_clock(
    log: Any, cast: SimpleNamespace, ticket: Ticket
) -> None:
    with pytest.raises(Invalid) as refused:
        log(contact=cast.carl)
    assert refused.value.field == "contact"
    colleague = Contact.objects.create(name="Cleo", organization=cast.acme)
    assert log(contact=colleague).contact == colleague


def test_holds_lie_within_the_call_one_after_the_other(log: Any, now: datetime) -> None:
    first = HoldSpan(now - 3 * MINUTE, now - 2 * MINUTE, "asked engineering")
    second = HoldSpan(now - 2 * MINUTE, now)
    assert [hold.because for hold in log(holds=[first, second]).holds.all()] == [first.because, ""]
    for wrong in ([second, first], [HoldSpan(now - 4 * MINUTE, now)], [first, first]):
        with pytest.raises(Invalid) as refused:
            log(holds=wrong)
        assert refused.value.field == "holds"


def test_merging_takes_calls_and_open_promises_along(
    log: Any, ticket: Ticket, cast: SimpleNamespace, now: datetime
) -> None:
    kept, owed = promise(ticket, now - 9 * MINUTE), promise(ticket, now - 8 * MINUTE)
    log(callback=kept)
    target = open_ticket(
        subject="Again", body="Hello?", requester=cast.carla, channel="email",
        now=now - 20 * MINUTE, acknowledge=False,
    )  # fmt: skip
    triage.merge(source=ticket, target=target, actor=cast.ana, now=now)
    assert target.calls.count() == 1
    assert set(target.callbacks.values_list("state", flat=True)) == {"kept", "open"}
    again = target.events.get(kind=Kind.CALLBACK_PROMISED)
    assert (again.data["callback"], again.at) == (str(owed.pk), now - 8 * MINUTE)


@pytest.mark.parametrize(
    "wrong",
    [{"state": "kept"}, {"state": "gone"}, {"settled_at": F("promised_at")}],
    ids=str,
)
def test_the_database_refuses_a_half_settled_promise(
    ticket: Ticket, now: datetime, wrong: dict[str, Any]
) -> None:
    owed = promise(ticket, now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Callback.objects.filter(pk=owed.pk).update(**wrong)


def test_what_a_promised_call_is_about_is_kept_whole(
    ticket: Ticket, cast: SimpleNamespace, now: datetime
) -> None:
    whole = "She wants to know " + "why " * 900 + "and when."
    assert promise(ticket, now, because=whole).because == whole
    with pytest.raises(Invalid, match="4,000 is the most") as refused:
        promise(ticket, now, because="x" * 4_001)
    assert refused.value.field == "because"
