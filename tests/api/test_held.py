"""The held mail over REST."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from tickets.models import Message, Ticket
from tickets.outbox.models import OutgoingMail
from tickets.services import conversation, opening


@pytest.fixture
def held(cast: SimpleNamespace) -> Message:
    now = timezone.now()
    ticket = opening.open_ticket(
        subject="Lamp", body="It hums.", requester=cast.carla, channel="email", now=now,
        team=cast.support,
    )  # fmt: skip
    return conversation.reply(ticket=ticket, author=cast.ana, body="A new one leaves.", now=now)


def test_held_replies_are_listed_for_those_who_see_the_ticket_and_leave_the_list_when_recalled(
    api: Any, cast: SimpleNamespace, held: Message
) -> None:
    [row] = api(cast.ben).get("/api/v1/held/").json()["results"]
    assert (row["ticket"], row["mail_state"]) == (held.ticket.reference, "held")
    assert api(cast.bo).get("/api/v1/held/").json()["results"] == []
    one = f"/api/v1/tickets/{held.ticket.reference}/messages/{held.pk}"
    assert api(cast.ben).post(f"{one}/recall/").json()["mail_state"] == "recalled"
    assert api(cast.ben).get("/api/v1/held/").json()["results"] == []
    assert api(cast.ben).post(f"{one}/send-now/").status_code == 409


def test_the_list_costs_the_same_for_three_and_thirty(
    api: Any, cast: SimpleNamespace, held: Message, django_assert_num_queries: Callable[..., Any]
) -> None:
    ticket, ana = Ticket.objects.get(), api(cast.ana)
    for count in (3, 30):
        for _ in range(OutgoingMail.objects.filter(state="held").count(), count):
            conversation.reply(ticket=ticket, author=cast.ana, body="More.", now=timezone.now())
        with django_assert_num_queries(3):
            assert len(ana.get("/api/v1/held/").json()["results"]) == count
