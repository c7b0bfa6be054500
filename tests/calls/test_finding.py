"""Who may be calling, by whatever they say of themselves."""

from datetime import datetime
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import order
from tests.factories import ticket as opened
from tickets.calls.finding import callers
from tickets.people.models import Contact
from tickets.services import triage


@pytest.fixture
def scene(cast: SimpleNamespace, now: datetime) -> SimpleNamespace:
    Contact.objects.filter(pk=cast.carla.pk).update(phone="+1 (212) 555-0101")
    Contact.objects.filter(pk=cast.carl.pk).update(phone="+12125550999")
    order(cast.carla, now, number="NL-1001")
    cast.mine = opened(cast, now, subject="Mine")
    cast.theirs = opened(cast, now, subject="Theirs", team=cast.billing)
    return cast


@pytest.mark.parametrize(
    "said",
    ["Carla", "carla cust", "Customer", "+1 212 555 0101", "(212) 555-0101", "5550101", "0101",
     "carla@acme", "nl-1001", "#NL-1001", "  Carla   Customer "],
)  # fmt: skip
def test_a_customer_is_found_by_what_they_say(scene: SimpleNamespace, said: str) -> None:
    assert [each.contact for each in callers(said, scene.ana)] == [scene.carla]


@pytest.mark.parametrize(
    "said", ["", " ", "C", "\x00", "arla", "99999", "%", "_", "nobody", "1" * 500]
)
def test_too_little_or_a_stranger_finds_nobody(scene: SimpleNamespace, said: str) -> None:
    assert callers(said, scene.ana) == []


def test_their_open_tickets_are_those_the_reader_sees(
    scene: SimpleNamespace, now: datetime
) -> None:
    [found] = callers("Carla", scene.ana)
    assert found.tickets == [scene.mine]
    triage.set_status(ticket=scene.mine, status="solved", actor=scene.ana, now=now)
    [found] = callers("Carla", scene.ana)
    assert found.tickets == []


def test_a_reference_finds_the_customer_only_where_one_sees_the_ticket(
    scene: SimpleNamespace,
) -> None:
    mine = scene.mine.reference.lower().replace("-", "")
    assert [each.contact for each in callers(mine, scene.ana)] == [scene.carla]
    assert callers(scene.theirs.reference, scene.ana) == []


def test_a_short_number_is_not_a_country_code(scene: SimpleNamespace) -> None:
    both = callers("212555", scene.ana)
    assert [each.contact for each in both] == [scene.carl, scene.carla]


@pytest.mark.servers
@pytest.mark.parametrize(
    ("said", "index"),
    [
        ("Carla Cust", "searching_contact_words"),
        ("0101", "searching_contact_number"),
        ("212 555 0101", "searching_contact_number"),
    ],
)
def test_nobody_is_looked_for_among_all_customers(
    scene: SimpleNamespace, said: str, index: str
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite looks through all of them")
    Contact.objects.bulk_create(
        Contact(name=f"Nils Nobody{number}", phone=f"+49 30 {number:06}") for number in range(5_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE people_contact")
    with CaptureQueriesContext(connection) as queries:
        callers(said, scene.ana)
    asked = next(each["sql"] for each in queries if 'FROM "people_contact"' in each["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert index in plan
    assert "Seq Scan on people_contact" not in plan


def test_the_list_is_short_and_in_order(scene: SimpleNamespace) -> None:
    for number in range(20):
        Contact.objects.create(name=f"Zoe {number:02}")
    assert [each.contact.name for each in callers("zoe", scene.ana)][:2] == ["Zoe 00", "Zoe 01"]
    assert len(callers("zoe", scene.ana)) == 8
