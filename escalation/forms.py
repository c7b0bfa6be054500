"""What people answer to an escalation, checked at the field."""

from __future__ import annotations

from typing import Any

from django import forms

from escalation.taking import HeldByAnother, goes_back_to
from tickets.choices import colleagues, out_of_office
from tickets.errors import ServiceRefused
from tickets.forms import DeskForm, text_area
from tickets.people.models import User
from tickets.words import shown

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
    held_by: User | None = None  # who turned out to have taken it over meanwhile

    def known_holders(self) -> set[int]:
        """Who had taken it over when the page was drawn."""
        said = str(self.data.get("held_by", ""))
        return {int(said)} if said.isascii() and said.isdigit() and len(said) < 19 else set()

    def refuse(self, refusal: ServiceRefused, said: str = "") -> None:
        if isinstance(refusal, HeldByAnother):
            self.held_by = refusal.holder
        super().refuse(refusal, said)


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
        had_it = goes_back_to(self.ticket)
        first = out_of_office([(had_it.pk, f"{shown(had_it.name)}, who had it")]) if had_it else []
        usual = first[0][1] if first else "nobody: who had it has left"
        self.fields["to"].choices = [("", usual), *colleagues()]  # type: ignore[attr-defined]

    def person(self) -> User | None:
        chosen = self.cleaned_data.get("to")
        return User.objects.filter(pk=chosen, is_active=True).first() if chosen else None
