"""A promise is kept or withdrawn once, whoever is faster."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.factories import at_once
from tickets.calls import services
from tickets.calls.models import Call, Callback
from tickets.errors import TooLate
from tickets.models import Ticket, TicketEvent

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
