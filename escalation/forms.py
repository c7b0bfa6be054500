"""What people answer to an escalation, checked at the field."""

from __future__ import annotations

from typing import Any

from django import forms

from tickets.choices import staff
from tickets.forms import DeskForm, text_area
from tickets.people.models import User

LONGEST = 200


class AcknowledgeForm(DeskForm):
    key = "acknowledge"


class HandOverForm(DeskForm):
    key = "hand-over"
    reason = forms.CharField(
        label="Why can you not go on?", max_length=LONGEST, widget=text_area(2),
        error_messages={"required": "Say why, so that the supervisor knows what awaits them."},
    )  # fmt: skip


class TakeOverForm(DeskForm):
    key = "take-over"
    note = forms.CharField(
        label="Note", max_length=LONGEST, required=False, widget=text_area(2),
        help_text="Optional. The agent goes on following the ticket.",
    )  # fmt: skip


class BoardHandBackForm(DeskForm):
    """To whoever had it."""

    key = "hand-back"
    note = forms.CharField(
        label="Note for them", max_length=LONGEST, widget=text_area(2),
        error_messages={"required": "Say what they should know before they go on."},
    )  # fmt: skip


class HandBackForm(BoardHandBackForm):
    to = forms.TypedChoiceField(label="To", required=False, coerce=int, empty_value=None)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["to"].choices = [("", "whoever had it"), *staff()]  # type: ignore[attr-defined]

    def person(self) -> User | None:
        chosen = self.cleaned_data.get("to")
        return User.objects.filter(pk=chosen, is_active=True).first() if chosen else None
