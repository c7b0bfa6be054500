"""The short lists of a ticket's page: one query, composed once in a process, true for every page."""

from types import SimpleNamespace

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.desk.conftest import Opener
from tests.desk.test_ticket import Desk, page
from tickets.calls.models import Call
from tickets.models import Ticket
from tickets.people.models import Product, User
from tickets.services import drafting
from tickets.views.page import LISTS


def asked(client: Client, ticket: Ticket) -> int:
    page(client, ticket)
    with CaptureQueriesContext(connection) as seen:
        page(client, ticket)
    return len(seen)


def test_each_page_has_the_names_of_its_own_ticket_and_customer(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    cast.carla.products.add(Product.objects.create(name="Lamp"))
    cast.carl.products.add(Product.objects.create(name="Cooker"))
    hers, his = opened(tags=["hers"]), opened(tags=["his"], requester=cast.carl)
    hers.followers.add(cast.ben)
    his.participants.add(cast.carla)
    client = desk(cast.sue)
    for _ in range(2):
        told, other = page(client, hers), page(client, his)
        assert ("tag=hers" in told, "tag=his" in told) == (True, False)
        assert ("tag=hers" in other, "tag=his" in other) == (False, True)
        assert ("<bdi>Lamp</bdi>" in told, "<bdi>Cooker</bdi>" in told) == (True, False)
        assert ("<bdi>Lamp</bdi>" in other, "<bdi>Cooker</bdi>" in other) == (False, True)
        assert ("<bdi>Ben</bdi>" in told, "<bdi>Ben</bdi>" in other) == (True, False)
        assert ("Asks too" in told, "Asks too" in other) == (False, True)
        assert (">Gold</bdi>" in told, ">Gold</bdi>" in other) == (True, False)


def test_a_name_that_changes_is_new_on_the_next_page(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    client, ticket = desk(cast.ana), opened()
    assert "Benedict" not in page(client, ticket)
    User.objects.filter(pk=cast.ben.pk).update(first_name="Benedict")
    assert "Benedict" in page(client, ticket)


def test_drafts_and_a_call_are_asked_for_only_where_there_are_any(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    client, ticket, now = desk(cast.ana), opened(), timezone.now()
    bare = asked(client, ticket)
    drafting.keep(ticket=ticket, author=cast.ben, kind="reply", body="Of Ben", now=now)
    Call.objects.create(agent=cast.ben, direction="inbound", started_at=now)
    assert asked(client, ticket) == bare  # what others have is not asked for
    drafting.keep(ticket=ticket, author=cast.ana, kind="reply", body="Of Ana", now=now)
    drafted = asked(client, ticket)
    assert drafted == bare + 2  # and from which ticket they came
    Call.objects.create(agent=cast.ana, direction="inbound", started_at=now)
    assert asked(client, ticket) > drafted
    told = page(client, ticket)
    assert "Of Ana" in told
    assert 'aria-label="Call under way"' in told


def test_no_list_is_left_with_a_number_that_stands_for_another(cast: SimpleNamespace) -> None:
    numbers = {"ticket": 11, "contact": 12, "named": cast.ben.pk, "tier": cast.gold.pk, "user": 13}
    with CaptureQueriesContext(connection) as seen:
        found = LISTS.read(**numbers)
    assert [name for _, name in found["named"] + found["tier"]] == ["Ben", "Gold"]
    assert not any(f" {number}" in seen[0]["sql"] for number in (-1, -2, -3, -4, -5))
