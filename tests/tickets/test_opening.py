"""Opening a ticket: everything in one transaction, cheaply, and nothing for bad input."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.factories import event, order, ticket
from tickets import events
from tickets.errors import Invalid
from tickets.models import Category, Message, Tag, Ticket, TicketEvent
from tickets.outbox.models import OutgoingMail
from tickets.people.models import Team, Tier
from tickets.services import opening


@pytest.fixture
def unheard(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Upper floors do not listen, so that only this floor's own work is counted."""
    receivers = events.recorded.receivers
    events.recorded.receivers = []
    events.recorded.sender_receivers_cache.clear()
    yield
    events.recorded.receivers = receivers
    events.recorded.sender_receivers_cache.clear()


def test_a_ticket_opens_with_its_message_and_its_event(
    cast: SimpleNamespace, now: datetime
) -> None:
    received = now - timedelta(minutes=7)
    one = ticket(cast, now, received_at=received, message_id="abc@home.example")
    assert (one.status, one.priority, one.version) == (
        "new",
        "normal",
        Ticket.objects.get().version,
    )
    assert (one.opened_at, one.last_message_at) == (received, received)
    assert (one.organization, one.category) == (cast.acme, cast.question)
    message = one.messages.get(kind="customer")
    assert (message.body, message.at, message.contact) == (
        "It hums since Monday.",
        received,
        cast.carla,
    )
    assert message.message_id == "<abc@home.example>"
    opened = event(one, "opened")
    assert (opened.at, opened.recorded_at, opened.message) == (received, now, message)


def test_opened_is_recorded_when_all_else_is_there(cast: SimpleNamespace, now: datetime) -> None:
    known = order(cast.carla, now)
    seen: dict[str, object] = {}

    def look(ticket: Ticket, event: TicketEvent, **_: object) -> None:
        if event.kind == "opened":
            seen["tags"] = [tag.name for tag in ticket.tags.all()]
            seen["orders"] = list(ticket.orders.all())
            seen["messages"] = ticket.messages.count()

    events.recorded.connect(look)
    try:
        ticket(cast, now, body="About NL-1001", tags=["lamp"])
    finally:
        events.recorded.disconnect(look)
    assert seen == {"tags": ["lamp"], "orders": [known], "messages": 1}


def test_a_failing_listener_leaves_nothing_behind(cast: SimpleNamespace, now: datetime) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("no clocks today")

    events.recorded.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            ticket(cast, now, tags=["lamp"])
    finally:
        events.recorded.disconnect(fail)
    counts = [model.objects.count() for model in (Ticket, Message, OutgoingMail, TicketEvent, Tag)]
    assert counts == [0, 0, 0, 0, 0]


@pytest.mark.usefixtures("unheard")
def test_opening_is_cheap(
    cast: SimpleNamespace, now: datetime, django_assert_max_num_queries: Any
) -> None:
    order(cast.carla, now)
    with django_assert_max_num_queries(15):
        ticket(cast, now, team=None, body="Where is my lamp, ordered on 3 March?")


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("subject", {"subject": ""}),
        ("subject", {"subject": "x" * 1_000_000}),
        ("subject", {"subject": "a\nb"}),
        ("body", {"body": "\x00"}),
        ("body", {"body": "x" * 1_000_001}),
        ("priority", {"priority": "asap"}),
        ("channel", {"channel": "fax"}),
        ("tags", {"tags": ["fine", "x" * 61]}),
        ("tags", {"tags": ["a\x00"]}),
        ("received_at", {"received_at": datetime(2026, 3, 3)}),  # noqa: DTZ001
    ],
)
def test_bad_input_is_refused_at_its_field_and_changes_nothing(
    cast: SimpleNamespace, now: datetime, field: str, fields: dict[str, Any]
) -> None:
    with pytest.raises(Invalid) as refusal:
        ticket(cast, now, **fields)
    assert refusal.value.field == field
    assert not Ticket.objects.exists()
    assert not Tag.objects.exists()


def test_an_assignee_must_work_here(cast: SimpleNamespace, now: datetime) -> None:
    cast.ben.is_active = False
    with pytest.raises(Invalid) as refusal:
        ticket(cast, now, assignee=cast.ben)
    assert refusal.value.field == "assignee"


def test_an_order_of_somebody_else_cannot_be_given(cast: SimpleNamespace, now: datetime) -> None:
    with pytest.raises(Invalid) as refusal:
        ticket(cast, now, orders=[order(cast.carl, now)])
    assert refusal.value.field == "order"


def test_a_receipt_from_the_future_counts_from_now(cast: SimpleNamespace, now: datetime) -> None:
    assert ticket(cast, now, received_at=now + timedelta(days=400)).opened_at == now


def test_the_category_names_the_team_and_the_default_team_takes_the_rest(
    cast: SimpleNamespace, now: datetime
) -> None:
    cast.management.team = cast.billing
    cast.management.save()
    assert ticket(cast, now, team=None, category=cast.management).team == cast.billing
    assert ticket(cast, now, team=None).team == cast.support
    assert ticket(cast, now, team=cast.support, category=cast.management).team == cast.support


def test_an_installation_without_anything_takes_the_first_ticket(
    cast: SimpleNamespace, now: datetime
) -> None:
    Category.objects.all().delete()
    Team.objects.all().delete()
    Tier.objects.exclude(pk=cast.gold.pk).delete()
    one = ticket(cast, now, team=None)
    assert one.category.is_default
    assert one.team.is_default


def test_a_reference_that_is_taken_is_drawn_again(
    cast: SimpleNamespace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ticket(cast, now)
    draws = iter([first.reference, first.reference, "HD-AAAAAA"])
    monkeypatch.setattr(opening, "new_reference", lambda: next(draws))
    assert ticket(cast, now).reference == "HD-AAAAAA"
    assert Ticket.objects.count() == 2


def test_tags_are_shared_whatever_their_case(cast: SimpleNamespace, now: datetime) -> None:
    ticket(cast, now, tags=["Lamp", "VIP"])
    second = ticket(cast, now, tags=["lamp", "LAMP", "new"])
    assert sorted(tag.name for tag in second.tags.all()) == ["Lamp", "new"]
    assert Tag.objects.count() == 3


def test_who_opened_it_for_the_customer_is_known(cast: SimpleNamespace, now: datetime) -> None:
    one = ticket(cast, now, actor=cast.ana, channel="phone", acknowledge=False)
    assert event(one, "opened").actor == cast.ana
