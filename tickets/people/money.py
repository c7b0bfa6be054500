"""Amounts in the base currency, by the configured rates."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.conf import settings

from tickets.people.models import ExchangeRate


def to_base(amount: Decimal, currency: str, on: date) -> Decimal | None:
    """``amount`` in the base currency at the rate of that day, or None where no rate is known.

    Not rounded: a threshold is compared with the exact product (sla.md rule 14).
    """
    if currency == settings.BASE_CURRENCY:
        return amount
    rate = (
        ExchangeRate.objects.filter(currency=currency, valid_from__lte=on)
        .order_by("-valid_from")
        .values_list("rate", flat=True)
        .first()
    )
    return amount * rate if rate is not None else None


def all_to_base(amounts: Sequence[tuple[Decimal, str, date]]) -> list[Decimal | None]:
    """As ``to_base`` for each amount, currency and day, in one query however many there are."""
    foreign = {currency for _, currency, _ in amounts} - {settings.BASE_CURRENCY}
    rates: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    if foreign:
        known = ExchangeRate.objects.filter(
            currency__in=foreign, valid_from__lte=max(day for *_, day in amounts)
        )
        for currency, day, rate in known.order_by("valid_from").values_list(
            "currency", "valid_from", "rate"
        ):
            rates[currency].append((day, rate))
    return [_worth(amount, currency, day, rates[currency]) for amount, currency, day in amounts]


def _worth(
    amount: Decimal, currency: str, on: date, rates: list[tuple[date, Decimal]]
) -> Decimal | None:
    if currency == settings.BASE_CURRENCY:
        return amount
    place = bisect_right(rates, on, key=lambda each: each[0])
    return amount * rates[place - 1][1] if place else None
