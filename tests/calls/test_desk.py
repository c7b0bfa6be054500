"""Logging a call at the desk."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tickets.calls.models import Call, Callback
from tickets.calls.services import promise_callback
from tickets.models import Ticket
from tickets.services import triage
from tickets.services.opening import open_ticket

SAID = {"direction": "outbound", "outcome": "reached", "minutes": "6", "summary": "All is well."}


@pytest.fixture
def ticket(cast: SimpleNamespace) -> Ticket:
    now = timezone.now()
    made = open_ticket(
        subject="Call me", body="Please.", requester=cast.carla, channel="email", now=now,
        team=cast.support,
    )  # fmt: skip
    promise_callback(ticket=made, due_at=None, actor=cast.ana, because="She asked.", now=now)
    return made


def post(client: Client, ticket: Ticket, **said: str) -> Any:
    return client.post(f"/tickets/{ticket.reference}/calls/", SAID | said)


def test_a_call_that_reached_the_customer_keeps_the_promise(
    cast: SimpleNamespace, client: Client, ticket: Ticket
) -> None:
    client.force_login(cast.ana)
    address = f"/tickets/{ticket.reference}/?form=call"
    assert "Log the call" in client.get(address).content.decode()
    assert post(client, ticket, minutes="0").status_code == 302
    call = Call.objects.get()
    assert (call.agent, call.contact, call.summary) == (cast.ana, cast.carla, "All is well.")
    assert Callback.objects.get().state == Callback.State.KEPT


def test_what_was_said_on_a_call_stands_in_the_conversation(
    cast: SimpleNamespace, client: Client, ticket: Ticket
) -> None:
    client.force_login(cast.ana)
    post(client, ticket, minutes="0", summary="They agreed\nto a new one.")
    page = client.get(f"/tickets/{ticket.reference}/").content.decode()
    assert "<bdi>Ana called the customer: «They agreed to a new one.»</bdi>" in page


def test_a_call_is_never_folded_among_other_changes(
    cast: SimpleNamespace, client: Client, ticket: Ticket
) -> None:
    client.force_login(cast.ana)
    for priority in ("low", "high", "low", "urgent"):
        now = timezone.now()
        triage.set_priority(ticket=ticket, priority=priority, actor=cast.ben, now=now)
    post(client, ticket, minutes="0", summary="They agreed.")
    entries = client.get(f"/tickets/{ticket.reference}/").context["timeline"].entries
    [call] = [each for each in entries if getattr(each, "is_call", False)]
    assert [line for _, line in call.lines] == ["Ana called the customer: «They agreed.»"]


def test_a_call_that_reached_nobody_is_an_attempt(
    cast: SimpleNamespace, client: Client, ticket: Ticket
) -> None:
    client.force_login(cast.ana)
    assert post(client, ticket, outcome="no_answer", minutes="0").status_code == 302
    assert Callback.objects.get().state == Callback.State.OPEN


@pytest.mark.parametrize(
    "said", [{"minutes": "-1"}, {"minutes": "٦"}, {"minutes": "99999"}, {"outcome": "maybe"}]
)
def test_nonsense_is_said_at_its_field_with_the_words_kept(
    cast: SimpleNamespace, client: Client, ticket: Ticket, said: dict[str, str]
) -> None:
    client.force_login(cast.ana)
    answer = post(client, ticket, **said)
    assert answer.status_code == 422
    assert "All is well." in answer.content.decode()
    assert not Call.objects.exists()


def test_whoever_may_not_see_the_ticket_logs_nothing(
    cast: SimpleNamespace, client: Client, ticket: Ticket
) -> None:
    client.force_login(cast.bo)
    assert post(client, ticket).status_code == 404
    assert not Call.objects.exists()
