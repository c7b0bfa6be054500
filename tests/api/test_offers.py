"""Offers and grants over REST."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from kb.defaults import install_defaults
from kb.offers.models import Grant, Offer
from tickets.models import Category, Ticket
from tickets.services import opening


@pytest.fixture
def problem(cast: SimpleNamespace, now: datetime) -> Ticket:
    install_defaults(now=now)
    category = Category.objects.create(name="Fault", nature="problem")
    return opening.open_ticket(
        subject="Broken", body="It broke.", requester=cast.carla, channel="email", now=now,
        category=category,
    )  # fmt: skip


@pytest.fixture
def credit(problem: Ticket) -> Offer:
    return Offer.objects.get(name="Credit")


def path(ticket: Ticket, rest: str) -> str:
    return f"/api/v1/tickets/{ticket.reference}/{rest}"


def test_what_fits_is_listed_with_the_reason_and_ones_limit(
    api: Any, cast: SimpleNamespace, problem: Ticket
) -> None:
    options = {
        row["offer"]["name"]: row for row in api(cast.ana).get(path(problem, "offers/")).json()
    }
    assert options["Credit"]["limit"] == "25.00"
    assert options["Credit"]["reason"] == "Something we sold or did went wrong."
    assert options["Refund"]["limit"] == "0.00"


def test_a_request_sent_twice_is_granted_once(
    api: Any, cast: SimpleNamespace, problem: Ticket, credit: Offer
) -> None:
    wanted = {"offer": credit.pk, "amount": "20.00", "key": "one"}
    answers = [api(cast.ana).post(path(problem, "grants/"), wanted) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert Grant.objects.count() == 1
    other = api(cast.ana).post(path(problem, "grants/"), wanted | {"key": "two"})
    assert other.status_code == 409


@pytest.mark.parametrize(
    "other", [{"amount": "1"}, {"offer": "Free month"}, {"ask": True, "amount": "60"}]
)
def test_another_request_with_a_used_key_is_refused(
    api: Any, cast: SimpleNamespace, problem: Ticket, credit: Offer, other: dict[str, Any]
) -> None:
    wanted = {"offer": credit.pk, "amount": "20.00", "key": "one"}
    api(cast.ana).post(path(problem, "grants/"), wanted)
    if "offer" in other:
        other = {"offer": Offer.objects.get(name=other["offer"]).pk}
    answer = api(cast.ana).post(path(problem, "grants/"), wanted | other)
    assert answer.status_code == 409
    assert "used already, for Credit, 20.00 USD" in answer.content.decode()
    assert Grant.objects.count() == 1


def test_above_ones_authority_it_is_asked_for_approved_once_and_reversed(
    api: Any, cast: SimpleNamespace, problem: Ticket, credit: Offer
) -> None:
    wanted = {"offer": credit.pk, "amount": "60", "reason": "Fourth parcel"}
    refused = api(cast.ana).post(path(problem, "grants/"), wanted)
    assert refused.status_code == 400
    assert "supervisor" in refused.json()["amount"][0]
    asked = api(cast.ana).post(path(problem, "grants/"), wanted | {"ask": True}).json()
    assert asked["state"] == "requested"
    one = path(problem, f"grants/{asked['id']}/")
    assert api(cast.ana).post(f"{one}approve/").status_code == 403
    assert api(cast.sue).post(f"{one}approve/").json()["state"] == "granted"
    assert api(cast.sue).post(f"{one}approve/").status_code == 409
    taken = api(cast.sue).post(f"{one}reverse/", {"reason": "Paid already"})
    assert taken.json()["state"] == "reversed"
    listed = api(cast.ana).get(path(problem, "grants/")).json()["results"]
    assert [row["state"] for row in listed] == ["reversed"]


@pytest.mark.parametrize(
    "amount",
    [
        "NaN",
        "Infinity",
        "-5",
        "0",
        "1e30",
        "99999999999999",
        "٢٥",
        "２５",
        "12.345",
        "1_0",
        True,
        "",
        None,
    ],
)
def test_an_amount_that_cannot_be_is_refused_at_its_field(
    api: Any, cast: SimpleNamespace, problem: Ticket, credit: Offer, amount: Any
) -> None:
    wanted = {"offer": credit.pk, "amount": amount}
    answer = api(cast.ana).post(path(problem, "grants/"), wanted, format="json")
    assert answer.status_code == 400
    assert list(answer.json()) == ["amount"]
    assert not Grant.objects.exists()
