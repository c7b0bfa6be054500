"""Numbers, dates and times as people type them: in the digits 0 to 9, so that what is read is meant.

Python reads «٥٠» and «５０» as fifty and «1_0» as ten. Whoever checks an amount on a page does not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

FIRST_YEAR, LAST_YEAR = 1900, 2199
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")


def refuse_lookalikes(text: str) -> None:
    """Raises ValidationError naming the first digit that only looks like one of 0 to 9."""
    for letter in text:
        if letter.isdigit() and not letter.isascii():
            raise ValidationError(
                "«%(letter)s» only looks like a digit; use 0 to 9.",
                code="lookalike", params={"letter": letter},
            )  # fmt: skip


class _Plain(forms.Field):
    """Before anything else reads it: one text, or several where the field has several boxes."""

    def clean(self, value: Any) -> Any:
        for part in value if isinstance(value, list | tuple) else [value]:
            if isinstance(part, str):
                refuse_lookalikes(part)
        return super().clean(value)


class _PlainNumber(_Plain):
    def clean(self, value: Any) -> Any:
        text = value.strip() if isinstance(value, str) else ""
        if text and text.isascii() and not _NUMBER.fullmatch(text):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().clean(value)


class _PlainDay(_Plain):
    """No year that nobody means: the ends of the calendar cannot be shown in every zone."""

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if isinstance(day, date | datetime) and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError(
                "The year %(year)s cannot be meant; use one from %(first)s to %(last)s.",
                code="absurd", params={"year": day.year, "first": FIRST_YEAR, "last": LAST_YEAR},
            )  # fmt: skip
        return day


class PlainDecimal(_PlainNumber, forms.DecimalField):
    """An amount, such as 20 or 12.50."""

    default_error_messages = {"invalid": "Enter an amount such as 25.00, without its currency."}


class PlainInteger(_PlainNumber, forms.IntegerField):
    """A whole number."""


class PlainDate(_PlainDay, forms.DateField):
    """A day."""


class PlainTime(_Plain, forms.TimeField):
    """A time of day."""


class PlainDateTime(_PlainDay, forms.SplitDateTimeField):
    """A day and a time, in two boxes as the admin has them."""


class PlainInstant(_PlainDay, forms.DateTimeField):
    """A day and a time in the reader's zone, in the one box that browsers have for it."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


# For ``formfield_overrides`` of every admin whose model has such fields.
PLAIN_DIGITS: Mapping[type[models.Field[Any, Any]], Mapping[str, Any]] = {
    models.DecimalField: {"form_class": PlainDecimal},
    models.IntegerField: {"form_class": PlainInteger},
    # SQLite holds any number in these; PostgreSQL would break on it.
    models.PositiveSmallIntegerField: {"form_class": PlainInteger, "max_value": 2**15 - 1},
    models.PositiveIntegerField: {"form_class": PlainInteger, "max_value": 2**31 - 1},
    models.DateTimeField: {"form_class": PlainDateTime},
    models.DateField: {"form_class": PlainDate},
    models.TimeField: {"form_class": PlainTime},
}
