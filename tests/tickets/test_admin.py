"""Tickets can be read in the admin and not changed; categories and tags are configured there."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from tests.factories import ticket
from tickets import events
from tickets.models import Category, Tag, Ticket, TicketEvent
from tickets.services import triage

LIST = "admin:tickets_ticket_changelist"


@pytest.fixture
def one(cast: SimpleNamespace, now: datetime) -> Ticket:
    row = ticket(cast, now, subject="<script>alert(1)</script>")
    triage.set_priority(ticket=row, priority="high", actor=cast.ana, now=now)
    return row


def test_a_ticket_is_found_by_reference_and_by_address(
    cast: SimpleNamespace, one: Ticket, client: Client
) -> None:
    client.force_login(cast.ada)
    spellings = [one.reference, one.reference.lower().replace("-", " "), "Carla@acme.example"]
    for term in spellings:
        assert one.reference in client.get(reverse(LIST), {"q": term}).content.decode()
    for term in ("HD-AAAAAA", "carl@home.example", "%", "'"):
        assert one.reference not in client.get(reverse(LIST), {"q": term}).content.decode()


def test_its_page_tells_its_history_and_offers_no_change(
    cast: SimpleNamespace, one: Ticket, client: Client
) -> None:
    client.force_login(cast.ada)
    page = client.get(reverse("admin:tickets_ticket_change", args=[one.pk])).content.decode()
    assert "Priority changed" in page
    assert "<script>alert" not in page
    assert 'name="_save"' not in page


@pytest.mark.parametrize("place", ["change", "delete", "add"])
def test_nobody_writes_a_ticket_there(
    cast: SimpleNamespace, one: Ticket, client: Client, place: str
) -> None:
    client.force_login(cast.ada)
    args = [] if place == "add" else [one.pk]
    address = reverse(f"admin:tickets_ticket_{place}", args=args)
    assert client.post(address, {"subject": "x", "post": "yes"}).status_code == 403
    assert Ticket.objects.get().subject == one.subject


def test_staff_find_only_what_they_may_see(
    cast: SimpleNamespace, one: Ticket, client: Client
) -> None:
    cast.bo.is_staff = True
    cast.bo.save()
    cast.bo.user_permissions.set(Permission.objects.filter(content_type__app_label="tickets"))
    client.force_login(cast.bo)
    assert one.reference not in client.get(reverse(LIST)).content.decode()
    page = client.get(reverse("admin:tickets_ticket_change", args=[one.pk]))
    assert page.status_code == 302


def test_the_list_costs_the_same_for_3_and_30_rows(
    cast: SimpleNamespace, now: datetime, client: Client, django_assert_max_num_queries: Any
) -> None:
    client.force_login(cast.ada)
    costs = []
    for more in (3, 27):
        for _ in range(more):
            ticket(cast, now, assignee=cast.ana)
        with django_assert_max_num_queries(10) as queries:
            client.get(reverse(LIST))
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_a_new_default_category_takes_the_mark_and_a_double_tag_is_refused_in_words(
    cast: SimpleNamespace, client: Client
) -> None:
    client.force_login(cast.ada)
    Tag.objects.create(name="VIP")
    category = {"name": "Other", "nature": "question", "is_default": "on"}
    client.post(reverse("admin:tickets_category_add"), category)
    assert Category.objects.get(is_default=True).name == "Other"
    page = client.post(reverse("admin:tickets_tag_add"), {"name": "vip"})
    assert "already" in page.content.decode()
    assert (Category.objects.filter(is_default=True).count(), Tag.objects.count()) == (1, 1)


def test_categories_and_tags_are_listed(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.ada)
    for page in ("category", "tag"):
        for place in ("changelist", "add"):
            assert client.get(reverse(f"admin:tickets_{page}_{place}")).status_code == 200


def test_the_history_shows_no_fraction_of_a_second(
    cast: SimpleNamespace, now: datetime, client: Client
) -> None:
    one = ticket(cast, now)
    due = now.replace(microsecond=123_456).isoformat()
    events.record(one, TicketEvent.Kind.BREACHED, at=now, now=now, metric="update", due_at=due)
    client.force_login(cast.ada)
    page = client.get(reverse("admin:tickets_ticket_change", args=[one.pk])).content.decode()
    assert "due_at: 2026-03-03 14:00:00" in page
    assert "14:00:00." not in page
    assert "123456" not in page
