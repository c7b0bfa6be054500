"""Orders named in the customer's words, and orders linked by hand."""

from datetime import datetime
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import customer_writes, event, kinds, order, ticket
from tickets.errors import Invalid
from tickets.people.models import Contact
from tickets.services import orders, triage


@pytest.mark.parametrize(
    "text",
    ["NL-1001", "order nl-1001.", "(NL-1001)", "#NL-1001, please", "NL-1001/NL-9", "«NL-1001»",
     "Nl-1001?!", "NL‑1001", "ＮＬ－１００１", "NL-١٠٠١", "a\nNL-1001\nb", "no:NL-1001"],
)  # fmt: skip
def test_a_number_is_found_as_a_word_however_it_is_written(
    cast: SimpleNamespace, now: datetime, text: str
) -> None:
    known = order(cast.carla, now)
    assert orders.named_in(text, cast.carla) == [known]


@pytest.mark.parametrize(
    "text", ["", "NL-10011", "XNL-1001", "NL-100", "NL 1001", "1001", "the lamp", "x" * 100_000]
)
def test_a_part_of_a_word_is_not_a_number(cast: SimpleNamespace, now: datetime, text: str) -> None:
    order(cast.carla, now)
    assert orders.named_in(text, cast.carla) == []


def test_an_order_of_a_stranger_is_never_found(cast: SimpleNamespace, now: datetime) -> None:
    order(cast.carl, now)
    assert orders.named_in("NL-1001", cast.carla) == []


def test_a_colleagues_order_is_found(cast: SimpleNamespace, now: datetime) -> None:
    colleague = Contact.objects.create(email="c2@acme.example", organization=cast.acme)
    known = order(colleague, now)
    assert orders.named_in("NL-1001", cast.carla) == [known]


def test_two_people_without_an_organisation_are_not_colleagues(
    cast: SimpleNamespace, now: datetime
) -> None:
    other = Contact.objects.create(email="other@home.example")
    order(other, now)
    assert orders.named_in("NL-1001", cast.carl) == []


def test_opening_links_the_order_and_says_so(cast: SimpleNamespace, now: datetime) -> None:
    known = order(cast.carla, now)
    one = ticket(cast, now, subject="About NL-1001", orders=[known])
    assert list(one.orders.all()) == [known]
    assert event(one, "opened").data["orders"] == ["NL-1001"]


def test_a_later_message_links_an_order_once(cast: SimpleNamespace, now: datetime) -> None:
    known, one = order(cast.carla, now), ticket(cast, now)
    customer_writes(one, now, "It is NL-1001")
    customer_writes(one, now, "NL-1001, as I said")
    assert list(one.orders.all()) == [known]
    assert kinds(one).count("order_linked") == 1
    assert event(one, "order_linked").data["order"] == "NL-1001"


def test_linking_by_hand_is_for_the_customers_own_orders(
    cast: SimpleNamespace, now: datetime
) -> None:
    one, known, strange = ticket(cast, now), order(cast.carla, now), order(cast.carl, now, "X-1")
    triage.link_order(ticket=one, order=known, actor=cast.ana, now=now)
    triage.link_order(ticket=one, order=known, actor=cast.ana, now=now)
    assert kinds(one).count("order_linked") == 1
    with pytest.raises(Invalid) as refusal:
        triage.link_order(ticket=one, order=strange, actor=cast.ana, now=now)
    assert refusal.value.field == "order"
    assert list(one.orders.all()) == [known]


def test_an_order_that_comes_after_its_mail_is_linked_where_it_is_named(
    cast: SimpleNamespace, now: datetime
) -> None:
    by_body = ticket(cast, now, subject="Lamp", body="About NL‑1001, please")
    by_subject = ticket(cast, now, subject="nl-1001", body="It hums.")
    later = ticket(cast, now, subject="Lamp", body="It hums.")
    customer_writes(later, now, body="It is NL-1001.")
    others = [
        ticket(cast, now, subject="NL-10011", body="NL-100"),
        ticket(cast, now, requester=cast.carl, subject="NL-1001"),
    ]
    solved = ticket(cast, now, subject="NL-1001 as well")
    triage.set_status(ticket=solved, status="closed", actor=None, now=now)
    known = order(cast.carla, now)
    assert orders.link_where_named(order=known, actor=None, now=now) == 3
    assert set(known.tickets.all()) == {by_body, by_subject, later}
    assert event(later, "order_linked").data["order"] == "NL-1001"
    assert not any(each.orders.exists() for each in (*others, solved))
    assert orders.link_where_named(order=known, actor=None, now=now) == 0


def test_an_order_of_a_colleague_is_linked_when_it_comes(
    cast: SimpleNamespace, now: datetime
) -> None:
    colleague = Contact.objects.create(email="c2@acme.example", organization=cast.acme)
    one = ticket(cast, now, subject="NL-1001")
    orders.link_where_named(order=order(colleague, now), actor=None, now=now)
    assert one.orders.exists()


def test_looking_for_an_order_costs_the_same_for_three_tickets_and_for_thirty(
    cast: SimpleNamespace, now: datetime
) -> None:
    known = order(cast.carla, now)
    asked = []
    for more in (3, 27):
        for _ in range(more):
            ticket(cast, now, subject="Lamp")
        with CaptureQueriesContext(connection) as queries:
            orders.link_where_named(order=known, actor=None, now=now)
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 4
