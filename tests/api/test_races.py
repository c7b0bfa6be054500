"""Many requests for one thing: one winner, 409 for the rest, and each loser hears why."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from kb.defaults import install_defaults
from kb.offers.models import Grant, LedgerEntry, Offer
from tests.outbox.conftest import at_once, many_connections
from tickets.models import Category, Ticket
from tickets.services import conversation, opening

__all__ = ["many_connections"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def broken(cast: SimpleNamespace) -> Ticket:
    now = timezone.now()
    install_defaults(now=now)
    category = Category.objects.create(name="Fault", nature="problem")
    return opening.open_ticket(
        subject="Broken", body="It broke.", requester=cast.carla, channel="email", now=now,
        category=category, assignee=cast.ana, acknowledge=False,
    )  # fmt: skip


def codes(deeds: list[Callable[[], Any]]) -> list[int]:
    return sorted(answer.status_code for answer in at_once(deeds))


def test_of_many_requests_for_one_offer_one_is_granted(
    api: Any, cast: SimpleNamespace, broken: Ticket, many_connections: int
) -> None:
    address = f"/api/v1/tickets/{broken.reference}/grants/"
    wanted = {"offer": Offer.objects.get(name="Credit").pk, "amount": "10"}
    clients = [api(cast.ana) for _ in range(many_connections)]
    got = codes([lambda client=client: client.post(address, wanted) for client in clients])
    assert got == [201] + [409] * (many_connections - 1)
    assert (Grant.objects.count(), LedgerEntry.objects.count()) == (1, 1)


def test_one_request_sent_many_times_is_granted_once_and_answered_alike(
    api: Any, cast: SimpleNamespace, broken: Ticket, many_connections: int
) -> None:
    address = f"/api/v1/tickets/{broken.reference}/grants/"
    wanted = {"offer": Offer.objects.get(name="Credit").pk, "amount": "10", "key": "this one"}
    clients = [api(cast.ana) for _ in range(many_connections)]
    answers = at_once([lambda client=client: client.post(address, wanted) for client in clients])
    assert {answer.status_code for answer in answers} == {201}
    assert {answer.json()["id"] for answer in answers} == {Grant.objects.get().pk}


def test_of_many_who_recall_one_reply_one_does(
    api: Any, cast: SimpleNamespace, broken: Ticket, many_connections: int
) -> None:
    held = conversation.reply(ticket=broken, author=cast.ana, body="Wait.", now=timezone.now())
    address = f"/api/v1/tickets/{broken.reference}/messages/{held.pk}/recall/"
    clients = [api(cast.ana) for _ in range(many_connections)]
    got = codes([lambda client=client: client.post(address) for client in clients])
    assert got == [200] + [409] * (many_connections - 1)
    assert broken.events.filter(kind="reply_recalled").count() == 1


def test_of_many_changes_from_one_version_one_is_saved(
    api: Any, cast: SimpleNamespace, broken: Ticket, many_connections: int
) -> None:
    broken.refresh_from_db()
    address = f"/api/v1/tickets/{broken.reference}/"
    clients = [api(cast.ana) for _ in range(many_connections)]
    deeds = [
        lambda n=n, client=client: client.patch(
            address, {"version": broken.version, "subject": f"Number {n}"}
        )
        for n, client in enumerate(clients)
    ]
    assert codes(deeds) == [200] + [409] * (many_connections - 1)
    assert broken.events.filter(kind="subject_changed").count() == 1


def test_a_supervisor_who_presses_many_times_takes_the_ticket_over_once(
    api: Any, cast: SimpleNamespace, broken: Ticket, many_connections: int
) -> None:
    address = f"/api/v1/tickets/{broken.reference}/take-over/"
    clients = [api(cast.sue) for _ in range(many_connections)]
    got = codes([lambda client=client: client.post(address, {}) for client in clients])
    assert got == [200] + [409] * (many_connections - 1)
    assert broken.events.filter(kind="taken_over").count() == 1
