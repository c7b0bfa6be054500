"""Form fields for durations, warnings and several choices, each with errors that say what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from escalation import durations, loading
from escalation.models import Calendar
from escalation.reaching import reaches
from tickets.numerals import PLAIN_DIGITS


class Typed(timedelta):
    """A duration that remembers how it was typed: «2 days» means nothing in open hours."""

    text: str = ""

    @classmethod
    def of(cls, length: timedelta, text: str) -> Typed:
        made = cls(days=length.days, seconds=length.seconds)
        made.text = text
        return made


class TypedDuration(forms.CharField):
    """«24 h», «30 min», «2 days»."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.pop("encoder", None)
        super().__init__(**{"max_length": 40, "empty_value": None} | kwargs)
        self.widget.attrs["size"] = 8

    def prepare_value(self, value: Any) -> Any:
        return durations.words(value) if isinstance(value, timedelta) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return text or None

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text is None:
            return None
        try:
            return Typed.of(durations.parse(text), text)
        except durations.DurationError as problem:
            raise ValidationError(str(problem)) from problem

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((self.prepare_value(initial) or "") != (data or "").strip())


class SeveralField(forms.MultipleChoiceField):
    """Several of a model field's choices, kept as a JSON list; none means any."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, choices: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(choices=list(choices), required=False, **kwargs)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return set(initial or []) != set(data or [])


# For ``formfield_overrides``: durations as one says them, numbers in plain digits.
AS_TYPED: Mapping[type[models.Field[Any, Any]], Mapping[str, Any]] = {
    **PLAIN_DIGITS,
    models.DurationField: {"form_class": TypedDuration},
}


def refuse_days(duration: timedelta | None, counted: bool) -> None:
    """With a calendar, a day could be 8 or 24 hours: raises ValidationError saying so."""
    text = getattr(duration, "text", "")
    if counted and duration and durations.counts_days(text):
        hours = durations.words(duration, open_hours=True)
        raise ValidationError(
            f"With a calendar, «{text}» would be {hours} of open time. Write hours instead."
        )


def refuse_unreachable(duration: timedelta | None, calendar: Calendar | None) -> None:
    """Hours that never add up to it would leave no deadline: raises ValidationError saying so."""
    if not duration or calendar is None:
        return
    hours = loading.current().calendar(calendar.pk)
    if not reaches(hours, duration, timezone.now()):
        length = durations.words(duration, open_hours=True)
        raise ValidationError(
            f"«{calendar}» never adds up to {length} of open time: take a shorter time or more hours."
        )
