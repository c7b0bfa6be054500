"""Amounts in the base currency, by the configured rates."""

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
