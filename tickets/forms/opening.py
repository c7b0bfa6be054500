"""A ticket opened for a customer who calls or stands at the desk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tickets.errors import ServiceRefused
from tickets.forms.base import LONGEST_BODY, show, text_area
from tickets.models import Category, Ticket
from tickets.people.models import Team
from tickets.services import words
from tickets.services.tagging import must_be_few


class NewTicketForm(forms.Form):
    """A customer on the phone: who, what, how urgent."""

    channel = forms.ChoiceField(
        label="Reached us by", choices=Ticket.Channel.choices, initial=Ticket.Channel.PHONE
    )
    email = forms.EmailField(label="E-mail", required=False, max_length=254)
    phone = forms.CharField(label="Phone", required=False, max_length=40)
    name = forms.CharField(label="Name", required=False, max_length=160)
    subject = forms.CharField(max_length=250, widget=forms.TextInput(attrs={"dir": "auto"}))
    body = forms.CharField(label="What they said", max_length=LONGEST_BODY, widget=text_area(8))
    category = forms.TypedChoiceField(coerce=int)
    priority = forms.ChoiceField(choices=Ticket.Priority.choices, initial=Ticket.Priority.NORMAL)
    team = forms.TypedChoiceField(
        coerce=int, required=False, empty_value=None,
        error_messages={"invalid_choice": "There is no such team any more."},
    )  # fmt: skip
    tags = forms.CharField(
        required=False, max_length=2000, help_text="With commas between them.",
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, label_suffix="", initial=initial)
        found = Category.objects.order_by("-is_default", "name").values_list("pk", "name")
        teams = Team.objects.order_by("name", "pk").values_list("pk", "name")
        self.fields["category"].choices = list(found)  # type: ignore[attr-defined]
        self.fields["team"].choices = [("", "as the category says"), *teams]  # type: ignore[attr-defined]

    def clean_tags(self) -> list[str]:
        typed = filter(None, map(str.strip, self.cleaned_data["tags"].split(",")))
        try:
            names = list(dict.fromkeys(map(words.tag, typed)))
            must_be_few(len(names))
        except ServiceRefused as refusal:
            raise ValidationError(refusal.message) from None
        return names

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not said.get("email") and not said.get("phone") and not self.errors:
            raise ValidationError("Give an e-mail address or a phone number to answer to.")
        return said

    def refuse(self, refusal: ServiceRefused) -> None:
        show(self, refusal)
