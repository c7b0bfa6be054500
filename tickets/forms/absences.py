"""When somebody is out of office, as they type it: in the zone of whoever types."""

from __future__ import annotations

from typing import Any

from django import forms

from tickets.choices import Choices, colleagues
from tickets.errors import ServiceRefused
from tickets.forms.base import show
from tickets.numerals import PlainInstant
from tickets.people.models import User


class AbsenceForm(forms.Form):
    """From, until, who stands in. ``people`` are those the reader may speak for."""

    person = forms.TypedChoiceField(label="Who", coerce=int)
    starts_at = PlainInstant(label="From")
    ends_at = PlainInstant(label="Until")
    deputy = forms.TypedChoiceField(
        label="Deputy", required=False, coerce=int, empty_value=None,
        help_text="Hears of escalations that would reach them meanwhile; else the next level does.",
    )  # fmt: skip
    note = forms.CharField(
        label="Note", max_length=200, required=False, widget=forms.TextInput(attrs={"dir": "auto"}),
        help_text="Colleagues read it.",
    )  # fmt: skip

    def __init__(self, data: Any = None, *, people: Choices, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        self.fields["person"].choices = people  # type: ignore[attr-defined]
        self.fields["deputy"].choices = [("", "nobody"), *colleagues()]  # type: ignore[attr-defined]

    def chosen(self, name: str) -> User | None:
        return User.objects.filter(pk=self.cleaned_data.get(name) or 0).first()

    def refuse(self, refusal: ServiceRefused) -> None:
        show(self, refusal)
