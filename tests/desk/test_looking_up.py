"""Customers looked up by whatever one knows of them."""

import re
from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.desk.conftest import Opener
from tests.factories import order
from tickets.people.models import Contact, Organization, User

Desk = Callable[[User], Client]


def names(client: Client, query: str) -> list[str]:
    answer = client.get(f"/customers/{query}")
    assert answer.status_code == 200
    told = answer.content.decode()
    return re.findall(r'href="/customers/\d+/"><bdi>([^<]*)', told)


@pytest.mark.parametrize(
    ("said", "whom"),
    [
        ("carla", ["Carla Customer"]), ("CUSTOMER", ["Carla Customer"]),
        ("carla@acme", ["Carla Customer"]), ("(212)+555-0101", ["Carla Customer"]),
        ("5550101", ["Carla Customer"]), ("nl-1001", ["Carl"]),
        ("acme", ["Carla Customer", "Cora"]), ("of+sha", ["Shanghai Zhang"]), ("car", ["Carl", "Carla Customer"]),
        ("nobody", []), ("%25", []), ("_", []),
    ],
)  # fmt: skip
def test_somebody_is_found_by_what_is_known_of_them(
    cast: SimpleNamespace, desk: Desk, now: datetime, said: str, whom: list[str]
) -> None:
    Contact.objects.filter(pk=cast.carla.pk).update(phone="+1 (212) 555-0101")
    Contact.objects.create(name="Cora", organization=cast.acme)
    bank = Organization.objects.create(name="Bank of Shanghai")
    Contact.objects.create(name="Shanghai Zhang", organization=bank)
    order(cast.carl, now, number="NL-1001")
    assert names(desk(cast.ana), f"?q={said}") == whom


def test_a_company_called_so_is_offered_too(cast: SimpleNamespace, desk: Desk) -> None:
    told = desk(cast.ana).get("/customers/?q=acm").content.decode()
    assert f'href="/companies/{cast.acme.pk}/"><bdi>Acme' in told


def test_a_reference_finds_its_customer_only_where_one_sees_the_ticket(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    mine, theirs = opened(), opened(team=cast.billing)
    assert names(desk(cast.ana), f"?q={mine.reference}") == ["Carla Customer"]
    assert names(desk(cast.ana), f"?q={theirs.reference}") == []


@pytest.mark.parametrize("query", ["?q=zoe", "?company={}"])
def test_everybody_is_shown_once_page_by_page(
    cast: SimpleNamespace, desk: Desk, query: str
) -> None:
    house = Organization.objects.create(name="Bolt")
    Contact.objects.bulk_create(
        Contact(name=f"Zoe {each // 3}", organization=house) for each in range(120)
    )
    client, seen, where = desk(cast.ana), [], query.format(house.pk)
    for _ in range(3):
        told = client.get(f"/customers/{where}").content.decode()
        seen += re.findall(r'href="/customers/(\d+)/"', told)
        following = re.search(r'rel="next" href="/customers/(\?[^"]+)', told)
        where = following[1].replace("&amp;", "&") if following else ""
    assert where == ""
    assert len(seen) == len(set(seen)) == 120


def test_without_words_the_newest_are_shown_and_one_letter_is_too_little(
    cast: SimpleNamespace, desk: Desk
) -> None:
    assert names(desk(cast.ana), "") == ["Carl", "Carla Customer"]
    told = desk(cast.ana).get("/customers/?q=c").content.decode()
    assert "Two letters or digits at least" in told


def test_open_tickets_are_counted_as_far_as_one_sees_them(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    opened(), opened(), opened(team=cast.billing)
    assert "2 open tickets" in desk(cast.ana).get("/customers/?q=carla").content.decode()


def test_thirty_are_looked_up_as_fast_as_three(cast: SimpleNamespace, desk: Desk) -> None:
    client = desk(cast.ana)

    def asked(more: int) -> int:
        Contact.objects.bulk_create(
            Contact(name="Zoe", organization=cast.acme) for _ in range(more)
        )
        with CaptureQueriesContext(connection) as queries:
            names(client, "?q=zoe")
        return len(queries)

    asked(1)
    assert asked(2) == asked(27)


@pytest.mark.parametrize("where", ["?after=x", "?after=~", "?after=99999999999999999999~x",
                                   "?q=carl&after=%00~", "?company=x", "?q=%00"])  # fmt: skip
def test_nonsense_in_the_address_is_no_error(cast: SimpleNamespace, desk: Desk, where: str) -> None:
    assert desk(cast.ana).get(f"/customers/{where}").status_code == 200
