"""Amounts in the base currency."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tickets.people.models import ExchangeRate
from tickets.people.money import all_to_base, to_base

TODAY = date(2026, 3, 3)


@pytest.fixture(autouse=True)
def _rates(db: None, settings: Any) -> None:
    settings.BASE_CURRENCY = "USD"
    for day, rate in (
        (date(2026, 1, 1), "1.05"),
        (date(2026, 3, 1), "1.08"),
        (date(2026, 4, 1), "2"),
    ):
        ExchangeRate.objects.create(currency="EUR", rate=Decimal(rate), valid_from=day)


def test_the_base_currency_is_itself() -> None:
    assert to_base(Decimal("500.00"), "USD", TODAY) == Decimal("500.00")


@pytest.mark.parametrize(
    ("day", "rate"),
    [(date(2026, 1, 1), "1.05"), (date(2026, 2, 28), "1.05"), (date(2026, 3, 1), "1.08"),
     (TODAY, "1.08"), (date(2030, 1, 1), "2")],
)  # fmt: skip
def test_the_rate_of_that_day_holds(day: date, rate: str) -> None:
    assert to_base(Decimal(100), "EUR", day) == Decimal(100) * Decimal(rate)


def test_without_a_rate_there_is_no_amount() -> None:
    assert to_base(Decimal(1), "GBP", TODAY) is None
    assert to_base(Decimal(1), "EUR", date(2025, 12, 31)) is None


def test_nothing_is_rounded_onto_or_over_a_threshold() -> None:
    ExchangeRate.objects.create(currency="GBP", rate=Decimal("1.25000001"), valid_from=TODAY)
    exact = to_base(Decimal("400.00"), "GBP", TODAY)
    assert exact is not None
    assert Decimal("500") < exact < Decimal("500.01")


def test_many_amounts_are_worth_what_each_is_alone_in_one_query(
    db: None, django_assert_num_queries: Any
) -> None:
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 2, 28), date(2026, 3, 1), TODAY]
    amounts = [(Decimal(7), currency, day) for currency in ("EUR", "USD", "NOK") for day in days]
    with django_assert_num_queries(1):
        found = all_to_base(amounts)
    assert found == [to_base(*each) for each in amounts]
    assert all_to_base([]) == []
