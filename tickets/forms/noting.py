"""Notes about a customer, kept from their ticket."""

from __future__ import annotations

from typing import Any

from django import forms

from tickets.forms.base import DeskForm, text_area
from tickets.models import Ticket

LONGEST = 10_000


class NotesForm(DeskForm):
    """``seen`` says which notes its writer read, so that nobody overwrites another's unseen."""

    key = "notes"
    notes = forms.CharField(
        label="About this person", required=False, max_length=LONGEST, widget=text_area(4),
        help_text="Staff only, on every ticket of theirs.",
    )  # fmt: skip
    of_company = forms.CharField(
        label="About the company", required=False, max_length=LONGEST, widget=text_area(4),
        help_text="On the tickets of all its people.",
    )  # fmt: skip
    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, ticket: Ticket, **kwargs: Any) -> None:
        super().__init__(data, ticket=ticket, **kwargs)
        house = ticket.requester.organization
        if house is None:
            del self.fields["of_company"]
        present = {"notes": ticket.requester.notes, "of_company": house.notes if house else ""}
        self.initial = {**present, **self.initial}

    def clean_notes(self) -> str:
        return _plain(self.cleaned_data["notes"])

    def clean_of_company(self) -> str:
        return _plain(self.cleaned_data["of_company"])


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n")
