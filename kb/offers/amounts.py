"""Amounts of offers: how they are stored, and how they are said."""

from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models

CENT, WHOLE = Decimal("0.01"), Decimal(100)


def money(help_text: str = "", **options: object) -> "models.DecimalField[Any, Any]":
    return models.DecimalField(
        max_digits=12, decimal_places=2, validators=[MinValueValidator(CENT)],
        help_text=help_text, **options,  # type: ignore[arg-type]
    )  # fmt: skip


def in_words(amount: Decimal, unit: str, kind: str, currency: str) -> str:
    """«25.00 USD», «10 %», «1 piece», «2 months»."""
    if unit == "money":
        return f"{amount:.2f} {currency}"
    plain = f"{amount.normalize():f}"
    if unit == "percent":
        return f"{plain} %"
    piece = "month" if kind == "month" else "piece"
    return f"{plain} {piece}" if amount == 1 else f"{plain} {piece}s"
