"""A call while it lasts, and how it ends."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.factories import ticket as another
from tickets.calls import services
from tickets.calls.models import Call, Callback, Hold
from tickets.calls.services import Promise
from tickets.errors import Conflict, Invalid, TooLate
from tickets.models import Ticket, TicketEvent
from tickets.people.models import Contact
from tickets.services import leaving, triage

Kind = TicketEvent.Kind
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def call(cast: SimpleNamespace, ticket: Ticket, now: datetime) -> Call:
    """Ana has called Carla about her ticket."""
    return services.begin(direction="outbound", actor=cast.ana, now=now, ticket=ticket)


@pytest.fixture
def unknown(cast: SimpleNamespace, now: datetime) -> Call:
    """Somebody has called Ben."""
    return services.begin(
        direction="inbound", actor=cast.ben, now=now, number_called="+1 (555) 01-00"
    )


def end(call: Call, at: datetime, **said: Any) -> Call:
    given = {"outcome": "reached", "summary": "All is well.", "actor": call.agent, "now": at}
    return services.finish(call=call, **given | said)


def test_a_call_begins_as_a_row_with_the_tickets_customer(
    call: Call, cast: SimpleNamespace, ticket: Ticket, now: datetime
) -> None:
    row = Call.objects.get()
    assert (row.contact, row.agent, row.started_at, row.ended_at) == (
        cast.carla, cast.ana, now, None,
    )  # fmt: skip
    assert row.is_under_way
    assert not ticket.events.filter(kind__startswith="call").exists()


def test_a_person_is_on_one_call_at_a_time(
    call: Call, cast: SimpleNamespace, now: datetime
) -> None:
    with pytest.raises(Conflict, match="on a call with Carla Customer, begun 3 min ago"):
        services.begin(direction="inbound", actor=cast.ana, now=now + 3 * MINUTE)
    assert services.begin(direction="inbound", actor=cast.ben, now=now).pk


def test_the_database_refuses_a_second_call_and_a_second_hold(call: Call, now: datetime) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Call.objects.create(agent=call.agent, direction="inbound", started_at=now)
    Hold.objects.create(call=call, started_at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Hold.objects.create(call=call, started_at=now)


@pytest.mark.parametrize(
    "wrong", [{"outcome": "reached"}, {"contact": None}, {"outcome": "maybe"}], ids=str
)
def test_the_database_refuses_a_call_that_is_half_over(call: Call, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Call.objects.filter(pk=call.pk).update(**wrong)


def test_each_hold_of_a_call_is_a_row_with_the_moment_that_was_said(
    call: Call, now: datetime
) -> None:
    for minute, seconds in ((1, 45), (4, 60)):
        at = now + minute * MINUTE
        moment = timedelta(seconds=seconds)
        services.hold(call=call, actor=call.agent, now=at, moment=moment)
        services.resume(call=call, actor=call.agent, now=at + 50 * SECOND)
    first, second = call.holds.all()
    assert first.back_at == first.started_at + 45 * SECOND
    assert (first.kept_waiting, second.kept_waiting) == (5 * SECOND, timedelta())


def test_a_second_hold_and_a_second_way_back_are_said_not_done(call: Call, now: datetime) -> None:
    services.hold(call=call, actor=call.agent, now=now)
    with pytest.raises(TooLate, match="on hold already, since 20 s ago"):
        services.hold(call=call, actor=call.agent, now=now + 20 * SECOND)
    services.resume(call=call, actor=call.agent, now=now + 30 * SECOND)
    with pytest.raises(TooLate, match="not on hold"):
        services.resume(call=call, actor=call.agent, now=now + 31 * SECOND)
    assert call.holds.count() == 1


@pytest.mark.parametrize("seconds", [0, -5, 4, 1801, 10**6])
def test_what_nobody_calls_a_moment_is_refused(call: Call, now: datetime, seconds: int) -> None:
    with pytest.raises(Invalid) as refused:
        services.hold(call=call, actor=call.agent, now=now, moment=timedelta(seconds=seconds))
    assert refused.value.field == "seconds"


def test_what_is_written_meanwhile_is_kept(call: Call, now: datetime) -> None:
    services.keep_draft(call=call, summary="She will", actor=call.agent, now=now)
    assert Call.objects.get().summary == "She will"
    end(call, now + MINUTE, summary="She will send it.")
    with pytest.raises(TooLate, match="finished already"):
        services.keep_draft(call=call, summary="late", actor=call.agent, now=now + 2 * MINUTE)
    assert Call.objects.get().summary == "She will send it."


def test_a_finished_call_counts_from_its_start_and_ends_its_hold(
    call: Call, ticket: Ticket, now: datetime
) -> None:
    services.hold(call=call, actor=call.agent, now=now + MINUTE)
    end(call, now + 3 * MINUTE)
    event = ticket.events.get(kind=Kind.CALL_REACHED)
    assert (event.at, event.data["summary"]) == (now, "All is well.")
    assert call.holds.get().ended_at == call.ended_at == now + 3 * MINUTE
    ticket.refresh_from_db()
    assert ticket.status == "open"


def test_a_call_is_finished_once(call: Call, ticket: Ticket, now: datetime) -> None:
    other_tab = Call.objects.get(pk=call.pk)
    end(call, now + MINUTE)
    with pytest.raises(TooLate, match="finished already, 1 min ago"):
        end(other_tab, now + 2 * MINUTE, summary="Again.")
    assert ticket.events.filter(kind=Kind.CALL_REACHED).count() == 1


def test_the_call_and_what_was_promised_on_it_are_one_step(
    call: Call, ticket: Ticket, cast: SimpleNamespace, now: datetime
) -> None:
    due = now + timedelta(hours=2)
    end(call, now + MINUTE, promise=Promise(due, "The price", number="+1 555 0199"))
    owed = Callback.objects.get()
    assert (owed.due_at, owed.expected_at, owed.contact) == (due, due, cast.carla)
    assert (owed.number, owed.promised_by, owed.because) == ("+15550199", cast.ana, "The price")
    kinds = [*ticket.events.filter(kind__startswith="call").values_list("kind", flat=True)]
    assert kinds == ["call_reached", "callback_promised"]


def test_a_promise_that_cannot_be_made_leaves_the_call_under_way(
    call: Call, ticket: Ticket, now: datetime
) -> None:
    with pytest.raises(Invalid) as refused:
        end(call, now + MINUTE, promise=Promise(now, "The price"))
    assert refused.value.field == "promise_at"
    assert Call.objects.get().is_under_way
    assert not ticket.events.filter(kind__startswith="call").exists()


def test_a_call_made_for_a_promise_keeps_that_one(
    cast: SimpleNamespace, ticket: Ticket, now: datetime
) -> None:
    first, second = (
        services.promise_callback(
            ticket=ticket, due_at=None, actor=None, because=why, now=now - MINUTE
        )
        for why in ("One", "Two")
    )
    begun = services.begin(
        direction="outbound", actor=cast.ana, now=now, ticket=ticket, callback=second
    )
    end(begun, now + MINUTE)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state, second.settled_by) == ("open", "kept", begun)


def test_who_calls_for_a_promise_that_is_being_called_for_is_told_by_whom(
    cast: SimpleNamespace, ticket: Ticket, now: datetime
) -> None:
    owed = services.promise_callback(
        ticket=ticket, due_at=None, actor=None, because="One", now=now - MINUTE
    )
    for_it = {"direction": "outbound", "ticket": ticket, "callback": owed, "now": now}
    first = services.begin(actor=cast.ben, **for_it)
    with pytest.raises(Conflict, match="Ben is calling them about this right now: ask Ben before"):
        services.begin(actor=cast.ana, **for_it)
    assert services.begin(actor=cast.ana, beside={cast.ben.pk}, **for_it).is_under_way
    for each in (first, Call.objects.get(agent=cast.ana)):
        end(each, now + MINUTE, outcome="no_answer")
    assert services.begin(actor=cast.ana, **for_it | {"now": now + 2 * MINUTE}).is_under_way


def test_a_promise_withdrawn_while_one_speaks_stops_nobody_from_finishing(
    cast: SimpleNamespace, ticket: Ticket, now: datetime
) -> None:
    owed = services.promise_callback(
        ticket=ticket, due_at=None, actor=None, because="One", now=now - MINUTE
    )
    begun = services.begin(
        direction="outbound", actor=cast.ana, now=now, ticket=ticket, callback=owed
    )
    services.withdraw_callback(callback=owed, actor=cast.ben, now=now)
    assert not end(begun, now + MINUTE).is_under_way
    with pytest.raises(TooLate, match="withdrawn already"):
        services.begin(direction="outbound", actor=cast.ana, now=now, ticket=ticket, callback=owed)


def test_a_forgotten_call_asks_when_it_really_ended(call: Call, now: datetime) -> None:
    services.hold(call=call, actor=call.agent, now=now + MINUTE)
    later = now + timedelta(hours=5)
    assert call.is_forgotten(later)
    with pytest.raises(Invalid, match="began 5 h ago") as refused:
        end(call, later)
    assert refused.value.field == "ended_at"
    for wrong in (now - MINUTE, now + SECOND, later + MINUTE):
        with pytest.raises(Invalid) as refused:
            end(call, later, ended_at=wrong)
        assert refused.value.field == "ended_at"
    assert end(call, later, ended_at=now + 9 * MINUTE).ended_at == now + 9 * MINUTE


def test_a_call_forgotten_for_days_can_still_be_ended(call: Call, now: datetime) -> None:
    ended = end(call, now + timedelta(days=4), ended_at=now + 9 * MINUTE)
    assert ended.ended_at == now + 9 * MINUTE


def test_a_wrong_number_belongs_to_no_ticket(
    call: Call, unknown: Call, ticket: Ticket, now: datetime
) -> None:
    with pytest.raises(Invalid, match="belongs to no ticket") as refused:
        end(call, now + MINUTE, outcome="wrong")
    assert refused.value.field == "outcome"
    assert end(unknown, now + MINUTE, outcome="wrong", summary="").outcome == "wrong"


def test_without_a_ticket_nothing_is_promised(unknown: Call, now: datetime) -> None:
    with pytest.raises(Invalid, match="choose or open one first") as refused:
        end(unknown, now + MINUTE, promise=Promise(None, "The price"))
    assert refused.value.field == "promise"


def test_a_caller_is_put_with_their_ticket_and_the_call_tells_it(
    unknown: Call, ticket: Ticket, cast: SimpleNamespace, now: datetime
) -> None:
    services.attach(call=unknown, ticket=ticket, actor=cast.ben, now=now)
    assert (unknown.ticket, unknown.contact, unknown.number) == (ticket, cast.carla, "+15550100")
    end(unknown, now + MINUTE)
    assert ticket.events.get(kind=Kind.CALL_RECEIVED).at == now


def test_a_colleague_of_the_customer_stays_who_called(
    unknown: Call, ticket: Ticket, cast: SimpleNamespace, now: datetime
) -> None:
    cleo = Contact.objects.create(name="Cleo", organization=cast.acme)
    services.name_caller(call=unknown, contact=cleo, actor=cast.ben, now=now)
    services.attach(call=unknown, ticket=ticket, actor=cast.ben, now=now)
    assert unknown.contact == cleo


def test_a_stranger_named_before_gives_way_to_the_tickets_own_customer(
    unknown: Call, ticket: Ticket, cast: SimpleNamespace, now: datetime
) -> None:
    services.name_caller(call=unknown, contact=cast.carl, actor=cast.ben, now=now)
    services.attach(call=unknown, ticket=ticket, actor=cast.ben, now=now)
    assert unknown.contact == cast.carla
    with pytest.raises(Invalid, match="not a customer on this ticket"):
        services.name_caller(call=unknown, contact=cast.carl, actor=cast.ben, now=now)


def test_a_call_taken_for_another_ticket_is_put_right(
    call: Call, cast: SimpleNamespace, now: datetime
) -> None:
    other = another(cast, now, subject="Another")
    services.attach(call=call, ticket=other, actor=cast.ana, now=now)
    end(call, now + MINUTE)
    assert other.events.filter(kind=Kind.CALL_REACHED).exists()


def test_a_ticket_opened_on_the_phone_counts_from_when_they_called(
    unknown: Call, cast: SimpleNamespace, now: datetime
) -> None:
    opened, differs = services.open_ticket_on(
        call=unknown, actor=cast.ben, now=now + 2 * MINUTE, phone="+1 555 0100", name="Nia New",
        subject="No light", body="It is dark.",
    )  # fmt: skip
    assert (opened.opened_at, opened.channel, differs) == (now, "phone", [])
    assert (unknown.ticket, unknown.contact) == (opened, opened.requester)
    assert opened.requester.name == "Nia New"


def test_a_ticket_for_a_known_caller_is_theirs_whatever_was_typed(
    unknown: Call, cast: SimpleNamespace, now: datetime
) -> None:
    services.name_caller(call=unknown, contact=cast.carl, actor=cast.ben, now=now)
    opened, _ = services.open_ticket_on(
        call=unknown, actor=cast.ben, now=now, email="carla@acme.example", subject="S", body="B"
    )
    assert opened.requester == cast.carl


def test_a_merge_takes_the_call_under_way_along(
    call: Call, ticket: Ticket, cast: SimpleNamespace, now: datetime
) -> None:
    target = another(cast, now, subject="Again")
    triage.merge(source=ticket, target=target, actor=cast.ben, now=now)
    end(call, now + MINUTE)
    assert call.ticket == target
    assert target.events.filter(kind=Kind.CALL_REACHED).count() == 1


def test_a_caller_passed_on_takes_ticket_and_note_along(
    call: Call, ticket: Ticket, cast: SimpleNamespace, now: datetime
) -> None:
    services.pass_on(call=call, to=cast.ben, note="Knows the hub.", actor=cast.ana, now=now)
    ticket.refresh_from_db()
    assert ticket.assignee == cast.ben
    note = ticket.messages.get(kind="note")
    assert note.body == "Caller passed on to Ben.\n\nKnows the hub."
    assert Call.objects.get().passed_to == "Ben"


def test_who_passes_a_caller_to_another_team_goes_on_seeing_the_ticket(
    call: Call, ticket: Ticket, cast: SimpleNamespace, now: datetime
) -> None:
    services.pass_on(call=call, to=cast.billing, note="An invoice.", actor=cast.ana, now=now)
    assert Ticket.objects.visible_to(cast.ana).filter(pk=ticket.pk, team=cast.billing).exists()
    assert not end(call, now + MINUTE).is_under_way


def test_nobody_passes_a_caller_on_to_themselves_or_without_a_ticket(
    call: Call, unknown: Call, cast: SimpleNamespace, now: datetime
) -> None:
    for mine, whom in ((call, cast.ana), (unknown, cast.ana)):
        with pytest.raises(Invalid) as refused:
            services.pass_on(call=mine, to=whom, note="x", actor=mine.agent, now=now)
        assert refused.value.field == "to"


def test_who_leaves_is_on_no_call_and_answered_nothing(
    call: Call, ticket: Ticket, cast: SimpleNamespace, now: datetime
) -> None:
    services.hold(call=call, actor=cast.ana, now=now)
    leaving.put_back(person=cast.ana, actor=None, now=now + MINUTE)
    call.refresh_from_db()
    assert (call.outcome, call.ended_at) == ("cut_off", now + MINUTE)
    assert not ticket.events.filter(kind__startswith="call_").exists()
