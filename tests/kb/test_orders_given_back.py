"""Of one order no more is given back than it was worth, on whichever tickets it is done."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from kb.offers import services
from kb.offers.models import Grant, LedgerEntry, Offer, OrderShare
from kb.offers.services.sharing import left_of
from tests.factories import at_once
from tests.kb.conftest import Offers, ask, give
from tickets.errors import Invalid
from tickets.models import Ticket
from tickets.people.models import ExchangeRate, Order
from tickets.services import triage

Opens = Callable[..., Ticket]


@pytest.fixture
def bought(cast: SimpleNamespace, now: datetime) -> Order:
    return Order.objects.create(
        number="NL-1001", contact=cast.carla, amount=Decimal("100.00"), placed_at=now
    )


@pytest.fixture
def about(broken: Opens, bought: Order) -> Callable[[], Ticket]:
    """One more ticket about the same order."""

    def opened() -> Ticket:
        ticket = broken()
        ticket.orders.add(bought)
        return ticket

    return opened


def test_one_order_is_refunded_whole_on_one_ticket_only(
    cast: SimpleNamespace, offers: Offers, about: Callable[[], Ticket], now: datetime
) -> None:
    give(about(), offers["Refund"], "100", cast.ada, now)
    with pytest.raises(Invalid, match=r"NL-1001 \(100\.00 USD\): 0\.00 USD of it") as refused:
        give(about(), offers["Refund"], "1", cast.ada, now)
    assert refused.value.field == "amount"
    assert LedgerEntry.objects.count() == 1


def test_parts_add_up_and_percent_counts_with_money(
    cast: SimpleNamespace, offers: Offers, about: Callable[[], Ticket], bought: Order, now: datetime
) -> None:
    give(about(), offers["Refund"], "60", cast.ada, now)
    give(about(), offers["Discount"], "40", cast.ada, now)
    assert left_of(bought).left == 0
    with pytest.raises(Invalid, match="left to give back"):
        give(about(), offers["Discount"], "5", cast.ada, now)
    # What is no part of the order is given all the same.
    give(about(), offers["Credit"], "25", cast.ada, now)


def test_a_hundred_percent_twice_is_refused(
    cast: SimpleNamespace, offers: Offers, about: Callable[[], Ticket], now: datetime
) -> None:
    Offer.objects.filter(name="Discount").update(most=100)
    offers["Discount"].authorities.filter(role="admin").update(most=100)
    whole = Offer.objects.get(name="Discount")
    give(about(), whole, "100", cast.ada, now)
    with pytest.raises(Invalid, match=r"0\.00 USD of it"):
        give(about(), whole, "100", cast.ada, now)


def test_what_is_taken_back_can_be_given_once_more(
    cast: SimpleNamespace, offers: Offers, about: Callable[[], Ticket], bought: Order, now: datetime
) -> None:
    row = give(about(), offers["Refund"], "100", cast.ada, now)
    services.reverse(grant=row, actor=cast.ada, reason="Paid by card already", now=now)
    assert left_of(bought).left == 100
    give(about(), offers["Refund"], "100", cast.ada, now)
    assert left_of(bought).left == 0


def test_more_than_the_order_has_left_cannot_even_be_asked_for(
    cast: SimpleNamespace, offers: Offers, about: Callable[[], Ticket], now: datetime
) -> None:
    give(about(), offers["Refund"], "60", cast.ada, now)
    with pytest.raises(Invalid, match=r"40\.00 USD of it are left"):
        ask(about(), offers["Refund"], "41", cast.ana, now)
    assert Grant.objects.filter(state="requested").count() == 0
    ask(about(), offers["Refund"], "40", cast.ana, now)


def test_a_request_takes_nothing_before_it_is_approved(
    cast: SimpleNamespace, offers: Offers, about: Callable[[], Ticket], bought: Order, now: datetime
) -> None:
    first = ask(about(), offers["Refund"], "80", cast.ana, now)
    second = ask(about(), offers["Refund"], "80", cast.ana, now)
    assert left_of(bought).left == 100
    services.approve(grant=first, actor=cast.sue, now=now)
    with pytest.raises(Invalid, match=r"20\.00 USD of it"):
        services.approve(grant=second, actor=cast.sue, now=now)
    assert Grant.objects.get(pk=second.pk).state == "requested"
    assert services.refuse(grant=second, actor=cast.sue, now=now).state == "refused"


def test_a_merge_keeps_what_was_counted(
    cast: SimpleNamespace, offers: Offers, about: Callable[[], Ticket], bought: Order, now: datetime
) -> None:
    source, target = about(), about()
    give(source, offers["Refund"], "70", cast.ada, now)
    triage.merge(source=source, target=target, actor=cast.ana, now=now)
    assert left_of(bought).left == 30
    with pytest.raises(Invalid, match=r"30\.00 USD of it"):
        give(about(), offers["Refund"], "31", cast.ada, now)


def test_a_refund_in_another_currency_counts_at_the_days_rate(
    cast: SimpleNamespace, offers: Offers, about: Callable[[], Ticket], bought: Order, now: datetime
) -> None:
    ExchangeRate.objects.create(currency="EUR", rate=Decimal("1.25"), valid_from="2020-01-01")
    Order.objects.filter(pk=bought.pk).update(currency="EUR")
    row = give(about(), offers["Refund"], "50", cast.ada, now)
    assert (row.order, row.counted, row.cost) == (bought, Decimal(40), Decimal(50))


def test_without_an_order_a_refund_counts_against_none(
    cast: SimpleNamespace, offers: Offers, broken: Opens, now: datetime
) -> None:
    assert give(broken(), offers["Refund"], "50", cast.ada, now).order is None
    assert not OrderShare.objects.exists()


def test_the_database_itself_refuses_more_than_the_order(
    cast: SimpleNamespace, offers: Offers, about: Callable[[], Ticket], bought: Order, now: datetime
) -> None:
    give(about(), offers["Refund"], "100", cast.ada, now)
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderShare.objects.update(given=Decimal("100.01"))


def test_the_panel_says_how_much_of_the_order_is_left(
    cast: SimpleNamespace, offers: Offers, about: Callable[[], Ticket], now: datetime
) -> None:
    give(about(), offers["Refund"], "60", cast.ada, now)
    options = services.available(ticket=about(), user=cast.ana, now=now)
    said = {each.offer.name: each.order.words if each.order else "" for each in options}
    assert said["Refund"] == "Order NL-1001 (100.00 USD): 40.00 USD of it are left to give back."
    assert said["Credit"] == ""


@pytest.fixture
def two(about: Callable[[], Ticket], cast: SimpleNamespace, now: datetime) -> Callable[[], Ticket]:
    """One more ticket about NL-1001 of 100 USD and about NL-1002 of 60 USD."""
    smaller = Order.objects.create(
        number="NL-1002", contact=cast.carla, amount=Decimal("60.00"), placed_at=now
    )

    def opened() -> Ticket:
        ticket = about()
        ticket.orders.add(smaller)
        return ticket

    return opened


def test_of_two_orders_the_biggest_with_so_much_left_is_given_back(
    cast: SimpleNamespace, offers: Offers, two: Callable[[], Ticket], now: datetime
) -> None:
    rows = [give(two(), offers["Refund"], each, cast.ada, now) for each in ("80", "30", "20")]
    assert [each.order.number for each in rows if each.order] == ["NL-1001", "NL-1002", "NL-1001"]
    with pytest.raises(Invalid, match=r"NL-1002 \(60\.00 USD\): 30\.00 USD of it"):
        give(two(), offers["Refund"], "31", cast.ada, now)
    assert sum(each.given for each in OrderShare.objects.all()) == 130


def test_a_percentage_costs_what_it_is_of_the_order_that_is_given_back(
    cast: SimpleNamespace, offers: Offers, two: Callable[[], Ticket], now: datetime
) -> None:
    give(two(), offers["Refund"], "100", cast.ada, now)
    row = give(two(), offers["Discount"], "10", cast.ada, now)
    assert row.order is not None
    assert (row.order.number, row.cost) == ("NL-1002", 6)


def test_a_request_is_approved_out_of_the_order_that_has_it_then(
    cast: SimpleNamespace, offers: Offers, two: Callable[[], Ticket], now: datetime
) -> None:
    row = ask(two(), offers["Refund"], "50", cast.ana, now)
    give(two(), offers["Refund"], "100", cast.ada, now)
    row = services.approve(grant=row, actor=cast.sue, now=now)
    assert row.order is not None
    assert row.order.number == "NL-1002"


def test_the_panel_names_the_order_that_has_something_left_and_the_one_that_was_given(
    cast: SimpleNamespace, offers: Offers, two: Callable[[], Ticket], now: datetime
) -> None:
    ticket = two()
    give(ticket, offers["Refund"], "100", cast.ada, now)
    refund = next(
        each for each in services.available(ticket=ticket, user=cast.ada, now=now)
        if each.offer.name == "Refund"
    )  # fmt: skip
    assert refund.order is not None
    assert refund.order.words.startswith("Order NL-1002 (60.00 USD): 60.00 USD")
    assert "refunded 100.00 USD for NL-1001" in refund.words


@pytest.mark.django_db(transaction=True)
@pytest.mark.servers
def test_fifty_hands_on_one_order_give_it_back_once(
    cast: SimpleNamespace, offers: Offers, about: Callable[[], Ticket], bought: Order
) -> None:
    tickets, now = [about() for _ in range(50)], timezone.now()
    outcomes = at_once(
        *(lambda it=each: give(it, offers["Refund"], "40", cast.ada, now) for each in tickets)
    )
    given = [each for each in outcomes if isinstance(each, Grant)]
    refused = [each for each in outcomes if isinstance(each, Invalid)]
    assert (len(given), len(refused)) == (2, 48)
    assert left_of(bought).left == 20
    assert LedgerEntry.objects.count() == 2
