"""A promise is kept or withdrawn once, whoever is faster."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.factories import at_once
from tickets.calls import services
from tickets.calls.models import Call, Callback
from tickets.errors import Conflict, TooLate
from tickets.models import Ticket, TicketEvent
from tickets.services import triage
from tickets.services.opening import open_ticket

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_promise_is_kept_once_whatever_races(log: Any, ticket: Ticket, now: datetime) -> None:
    owed = services.promise_callback(
        ticket=ticket, due_at=None, actor=None, because="Owed", now=now - timedelta(minutes=9)
    )
    outcomes = at_once(
        *[lambda: log(callback=Callback.objects.get(pk=owed.pk), ticket=Ticket.objects.get())] * 5
    )
    assert sum(isinstance(each, Call) for each in outcomes) == 1
    assert sum(isinstance(each, TooLate) for each in outcomes) == 4
    assert Call.objects.count() == 1
    assert TicketEvent.objects.filter(kind="call_reached").count() == 1


def test_of_many_clicks_on_hold_one_counts(ticket: Ticket, cast: Any, now: datetime) -> None:
    call = services.begin(direction="inbound", actor=cast.ana, now=now, ticket=ticket)
    outcomes = at_once(
        *[lambda: services.hold(call=Call.objects.get(), actor=cast.ana, now=now)] * 5
    )
    assert sum(isinstance(each, TooLate) for each in outcomes) == 4
    assert call.holds.count() == 1


def test_of_many_tabs_that_finish_one_does(ticket: Ticket, cast: Any, now: datetime) -> None:
    call = services.begin(direction="outbound", actor=cast.ana, now=now, ticket=ticket)
    promise = services.Promise(now + timedelta(hours=1), "The price")
    outcomes = at_once(
        *[
            lambda: services.finish(
                call=Call.objects.get(), outcome="reached", summary="x", actor=cast.ana, now=now,
                promise=promise,
            )
        ] * 5
    )  # fmt: skip
    assert sum(isinstance(each, TooLate) for each in outcomes) == 4
    assert TicketEvent.objects.filter(kind="call_reached").count() == 1
    assert Callback.objects.count() == 1
    assert not Call.objects.get(pk=call.pk).is_under_way


def test_of_many_clicks_on_begin_one_begins(ticket: Ticket, cast: Any, now: datetime) -> None:
    outcomes = at_once(*[lambda: services.begin(direction="inbound", actor=cast.ana, now=now)] * 5)
    assert sum(isinstance(each, Call) for each in outcomes) == 1
    assert sum(isinstance(each, Conflict) for each in outcomes) == 4


def test_of_two_who_call_for_one_promise_at_once_one_is_told(
    ticket: Ticket, cast: Any, now: datetime
) -> None:
    owed = services.promise_callback(
        ticket=ticket, due_at=None, actor=None, because="Owed", now=now - timedelta(minutes=9)
    )
    outcomes = at_once(
        *[
            lambda actor=actor: services.begin(
                direction="outbound", actor=actor, now=now, ticket=Ticket.objects.get(),
                callback=Callback.objects.get(pk=owed.pk),
            )
            for actor in (cast.ana, cast.ben)
        ]
    )  # fmt: skip
    assert [isinstance(each, Conflict) for each in outcomes].count(True) == 1
    assert Call.objects.count() == 1


def test_a_merge_and_the_end_of_a_call_lose_nothing(
    ticket: Ticket, cast: Any, now: datetime
) -> None:
    other = open_ticket(
        subject="Again", body="Hello?", requester=cast.carla, channel="email", now=now,
        acknowledge=False,
    )  # fmt: skip
    services.begin(direction="outbound", actor=cast.ana, now=now, ticket=ticket)
    outcomes = at_once(
        lambda: triage.merge(
            source=Ticket.objects.get(pk=ticket.pk), target=Ticket.objects.get(pk=other.pk),
            actor=cast.ben, now=now,
        ),
        lambda: services.finish(
            call=Call.objects.get(), outcome="reached", summary="x", actor=cast.ana, now=now
        ),
    )  # fmt: skip
    assert not [each for each in outcomes if isinstance(each, Exception)]
    call = Call.objects.get()
    assert call.ticket == other
    assert TicketEvent.objects.filter(kind="call_reached").count() == 1
