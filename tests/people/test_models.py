"""What the tables of people refuse, at the field."""

from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tickets.people.models import Contact, ExchangeRate, Order, Team, User


def refused(row: Any) -> set[str]:
    with pytest.raises(ValidationError) as refusal:
        row.full_clean()
    return set(refusal.value.message_dict)


@pytest.mark.parametrize(
    "zone", ["", "Mars/Olympus", "../etc/passwd", "EST5EDT\x00", "america/new york"]
)
def test_an_unknown_zone_is_refused(cast: SimpleNamespace, zone: str) -> None:
    cast.ana.time_zone = zone
    assert "time_zone" in refused(cast.ana)


@pytest.mark.parametrize(
    "number", ["", "NL 1", "NL-１００１", "NL-١", "NL\x001", "-1", "x" * 41, "NL-1\n"]
)
def test_an_order_number_is_plain(cast: SimpleNamespace, now: datetime, number: str) -> None:
    order = Order(number=number, contact=cast.carla, amount=Decimal(1), placed_at=now)
    assert "number" in refused(order)


@pytest.mark.parametrize("amount", ["-0.01", "NaN", "Infinity", "1e15", "0.001", "1٢x"])
def test_an_amount_is_a_sum_of_money(cast: SimpleNamespace, now: datetime, amount: str) -> None:
    order = Order(number="NL-1", contact=cast.carla, amount=amount, placed_at=now)
    assert "amount" in refused(order)


@pytest.mark.parametrize("currency", ["", "usd", "US", "USDX", "U$D", "ＵＳＤ", "USD\n"])
def test_a_currency_is_three_capital_letters(
    cast: SimpleNamespace, now: datetime, currency: str
) -> None:
    order = Order(number="NL-1", contact=cast.carla, amount=1, currency=currency, placed_at=now)
    assert "currency" in refused(order)


@pytest.mark.django_db
@pytest.mark.parametrize("rate", ["0", "-1", "NaN", "1e12", "0.000000001"])
def test_a_rate_is_more_than_zero(rate: str) -> None:
    row = ExchangeRate(currency="EUR", rate=rate, valid_from=date(2026, 1, 1))
    assert "rate" in refused(row)


@pytest.mark.django_db
def test_the_base_currency_has_no_rate(settings: Any) -> None:
    settings.BASE_CURRENCY = "USD"
    assert refused(ExchangeRate(currency="USD", rate=2, valid_from=date(2026, 1, 1))) == {
        "currency"
    }


def test_the_database_keeps_what_must_be_one(cast: SimpleNamespace, now: datetime) -> None:
    Order.objects.create(number="NL-1", contact=cast.carla, amount=1, placed_at=now)
    for make in (
        lambda: Order.objects.create(number="nl-1", contact=cast.carla, amount=1, placed_at=now),
        lambda: Order.objects.create(number="NL-2", contact=cast.carla, amount=-1, placed_at=now),
        lambda: Contact.objects.create(email="Upper@x.example"),
        lambda: Contact.objects.create(email=""),
        lambda: Contact.objects.create(email=cast.carla.email),
        lambda: Team.objects.create(name="Second", is_default=True),
        lambda: User.objects.create(username="ana2", email="ANA@company.example"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            make()


def test_a_second_default_team_is_refused_in_words(cast: SimpleNamespace) -> None:
    cast.billing.is_default = True
    with pytest.raises(ValidationError, match="unmark it first"):
        cast.billing.full_clean()


def test_the_persons_own_tier_and_named_person_count_before_the_organisations(
    cast: SimpleNamespace,
) -> None:
    cast.acme.responsible = cast.eve
    assert (cast.carla.effective_tier, cast.carla.named_person) == (cast.gold, cast.eve)
    cast.carla.responsible = cast.ana
    assert cast.carla.named_person == cast.ana
    assert (cast.carl.effective_tier, cast.carl.named_person) == (None, None)


def test_a_password_costs_a_login_twenty_megabytes_and_not_a_hundred() -> None:
    hashed = make_password("a-long-secret")
    assert "m=19456,t=2,p=1" in hashed
    assert check_password("a-long-secret", hashed)


def test_a_zone_that_the_database_forgot_is_the_companys(cast: SimpleNamespace) -> None:
    for name in ("Europe/Atlantis", "", "../etc/passwd"):
        assert User(time_zone=name).zone.key == "UTC"
    assert User(time_zone="America/New_York").zone.key == "America/New_York"
