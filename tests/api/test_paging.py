"""Pages end and lose nothing, also where a great many rows are of one instant."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from tests.factories import ticket
from tickets.models import Ticket, TicketEvent

TICKETS = "/api/v1/tickets/"


@pytest.fixture
def many(cast: SimpleNamespace, now: datetime) -> int:
    """More tickets of one instant than DRF's own cursor counts to."""
    one = ticket(cast, now)
    fields = {
        each.attname: getattr(one, each.attname)
        for each in Ticket._meta.concrete_fields
        if not each.primary_key
    }
    numbers = range(1, 1300)
    Ticket.objects.bulk_create(
        Ticket(**fields | {"reference": f"ZZ-{number:06}"}) for number in numbers
    )
    Ticket.objects.update(updated_at=now)
    return 1300


def walked(client: Any, address: str, direction: str = "next") -> tuple[list[str], str]:
    """Every row on the way, and the address of the last page."""
    seen: list[str] = []
    last = following = address
    for _ in range(60):
        answer = client.get(following).json()
        names = [row.get("reference", row.get("id")) for row in answer["results"]]
        seen = seen + names if direction == "next" else names + seen
        last, following = following, answer[direction]
        if not following:
            return seen, last
    raise AssertionError("The list never ends.")


def test_a_list_of_one_instant_ends_and_holds_everything_there_and_back(
    api: Any, cast: SimpleNamespace, many: int
) -> None:
    client = api(cast.ana)
    there, last = walked(client, f"{TICKETS}?page_size=100")
    assert len(there) == len(set(there)) == many
    back, first = walked(client, last, "previous")
    assert back == there
    assert client.get(first).json()["results"][0]["reference"] == there[0]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
def test_both_ways_are_the_same_whatever_the_page(
    api: Any, cast: SimpleNamespace, now: datetime, size: int
) -> None:
    row = ticket(cast, now)
    for _ in range(5):
        TicketEvent.objects.create(ticket=row, kind="note_added", at=now, recorded_at=now)
    address = f"{TICKETS}{row.reference}/events/?page_size={size}"
    there, last = walked(api(cast.ana), address)
    assert there == sorted(set(there))
    assert walked(api(cast.ana), last, "previous")[0] == there


def test_a_way_back_whose_rows_have_gone_leads_to_the_start(
    api: Any, cast: SimpleNamespace, now: datetime
) -> None:
    first, *_ = (ticket(cast, now) for _ in range(3))
    client = api(cast.ana)
    second = client.get(f"{TICKETS}?page_size=2").json()["next"]
    back = client.get(second).json()["previous"]
    Ticket.objects.exclude(pk=first.pk).update(team=cast.billing, assignee=None)
    answer = client.get(back).json()
    assert answer["results"] == []
    assert walked(client, answer["next"])[0] == [first.reference]
