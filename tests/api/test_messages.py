"""Messages over REST: of long ones a list carries the beginning, and their own address all."""

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from tests.factories import customer_writes
from tests.factories import ticket as opened
from tickets.models import Ticket
from tickets.views.folding import LONG

Api = Callable[[Any], APIClient]


@pytest.fixture
def ticket(cast: SimpleNamespace) -> Ticket:
    return opened(cast, timezone.now() - timedelta(hours=1), acknowledge=False)


def test_a_list_carries_the_beginning_and_the_message_itself_all(
    api: Api, cast: SimpleNamespace, ticket: Ticket
) -> None:
    long = customer_writes(ticket, timezone.now(), "x" * 900_000)
    place = f"/api/v1/tickets/{ticket.reference}/messages/"
    client = api(cast.ana)
    first, second = client.get(place).json()["results"]
    assert (first["body"], first["is_cut"]) == ("It hums since Monday.", False)
    assert (len(second["body"]), second["is_cut"]) == (LONG, True)
    assert client.get(f"{place}{long.pk}/").json()["body"] == "x" * 900_000


def test_a_message_of_just_that_length_is_whole(
    api: Api, cast: SimpleNamespace, ticket: Ticket
) -> None:
    customer_writes(ticket, timezone.now(), "x" * LONG)
    place = f"/api/v1/tickets/{ticket.reference}/messages/"
    second = api(cast.ana).get(place).json()["results"][1]
    assert (len(second["body"]), second["is_cut"]) == (LONG, False)


def test_no_more_than_that_is_read_from_the_database(
    api: Api, cast: SimpleNamespace, ticket: Ticket
) -> None:
    place = f"/api/v1/tickets/{ticket.reference}/messages/"
    with CaptureQueriesContext(connection) as queries:
        api(cast.ana).get(place)
    read = [each["sql"] for each in queries if 'FROM "tickets_message"' in each["sql"]]
    assert len(read) == 1
    assert re.findall(r'(\w*)\(?"tickets_message"\."body"', read[0]) in (["LEFT"], ["SUBSTR"])
    assert '"outbox_outgoingmail"."text"' not in read[0]


def test_a_page_of_messages_is_bounded(api: Api, cast: SimpleNamespace, ticket: Ticket) -> None:
    for number in range(120):
        customer_writes(ticket, timezone.now(), f"Line {number}")
    place = f"/api/v1/tickets/{ticket.reference}/messages/"
    page = api(cast.ana).get(place, {"page_size": 100_000}).json()
    assert len(page["results"]) == 100
    assert page["next"]


def test_a_message_of_another_ticket_is_not_reached_through_ones_own(
    api: Api, cast: SimpleNamespace, ticket: Ticket
) -> None:
    other = opened(cast, timezone.now(), team=cast.billing)
    there = other.messages.first()
    assert there is not None
    client = api(cast.ana)
    for ref in (ticket.reference, other.reference):
        assert client.get(f"/api/v1/tickets/{ref}/messages/{there.pk}/").status_code == 404
