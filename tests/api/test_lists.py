"""Lists of one ticket: the same number of queries for three rows and for thirty, page by page."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from escalation.defaults import install_defaults
from escalation.models import Clock, Escalation
from kb.defaults import install_defaults as install_knowledge
from kb.offers.models import Grant, Offer
from tickets.models import Ticket
from tickets.services import conversation, opening

MINUTE = timedelta(minutes=1)


@pytest.fixture
def ticket(cast: SimpleNamespace) -> Ticket:
    now = timezone.now()
    install_defaults(now=now)
    install_knowledge(now=now)
    return opening.open_ticket(
        subject="Lamp", body="It hums.", requester=cast.carla, channel="email", now=now,
        team=cast.support, assignee=cast.ana,
    )  # fmt: skip


def _clock(ticket: Ticket, number: int, cast: SimpleNamespace) -> None:
    Clock.objects.create(
        ticket=ticket, metric="next_reply", cycle=number + 100, state="met",
        started_at=ticket.opened_at + number * MINUTE,
    )  # fmt: skip


def _grant(ticket: Ticket, number: int, cast: SimpleNamespace) -> None:
    offer = Offer.objects.all()[number % 2]
    Grant.objects.create(
        ticket=ticket, offer=offer, unit=offer.unit, amount=5, cost=5, state="refused",
        key=str(number), requested_by=cast.ana, decided_by=cast.sue,
        requested_at=ticket.opened_at + number * MINUTE,
    )  # fmt: skip


def _note(ticket: Ticket, number: int, cast: SimpleNamespace) -> None:
    author = (cast.ana, cast.ben)[number % 2]
    conversation.note(ticket=ticket, author=author, body="Seen.", now=timezone.now())


def _escalation(ticket: Ticket, number: int, cast: SimpleNamespace) -> None:
    at = ticket.opened_at + number * MINUTE
    row = Escalation.objects.create(
        ticket=ticket, trigger="flag", key=str(number), because="x", started_at=at,
        state="acknowledged", acknowledged_at=at, acknowledged_by=(cast.sue, cast.ada)[number % 2],
    )  # fmt: skip
    row.steps.create(level=1, at=at, acted_at=at, told=[{"id": cast.sue.pk, "name": "Sue"}])


LISTS = {
    "clocks": _clock,
    "escalations": _escalation,
    "grants": _grant,
    "messages": _note,
    "events": _note,
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_asks_as_often_for_three_as_for_thirty(
    api: Any, cast: SimpleNamespace, ticket: Ticket, name: str
) -> None:
    client, address = api(cast.ana), f"/api/v1/tickets/{ticket.reference}/{name}/"
    asked = []
    for numbers in (range(3), range(3, 30)):
        for number in numbers:
            LISTS[name](ticket, number, cast)
        with CaptureQueriesContext(connection) as queries:
            rows = client.get(address).json()["results"]
        asked.append(len(queries))
    assert len(rows) >= 30
    assert asked[0] == asked[1]
    assert asked[1] <= 12


@pytest.mark.parametrize("name", LISTS)
def test_pages_hold_every_row_once(
    api: Any, cast: SimpleNamespace, ticket: Ticket, name: str
) -> None:
    for number in range(7):
        LISTS[name](ticket, number, cast)
    client, address = api(cast.ana), f"/api/v1/tickets/{ticket.reference}/{name}/"
    whole = [row["id"] for row in client.get(address).json()["results"]]
    paged, following = [], f"{address}?page_size=3"
    while following:
        answer = client.get(following).json()
        assert len(answer["results"]) <= 3
        paged += [row["id"] for row in answer["results"]]
        following = answer["next"]
    assert paged == whole
    assert len(set(paged)) == len(paged) >= 7


def test_what_fits_costs_the_same_for_one_offer_and_for_many(
    api: Any,
    cast: SimpleNamespace,
    ticket: Ticket,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    client, address = api(cast.ana), f"/api/v1/tickets/{ticket.reference}/offers/"
    for number in range(30):
        offer = Offer.objects.create(
            name=f"Extra {number}", kind="credit", unit="money", least=1, most=5
        )
        offer.situations.create(name=f"Always {number}", reason="Always.")
    with django_assert_max_num_queries(16):
        assert len(client.get(address).json()) >= 30
