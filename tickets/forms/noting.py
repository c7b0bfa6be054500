"""Notes about a customer, kept from their ticket, their page or their company's."""

from __future__ import annotations

from typing import Any

from django import forms

from tickets.errors import ServiceRefused
from tickets.forms.base import DeskForm, show, text_area
from tickets.models import Ticket
from tickets.people.models import Contact, NotesBefore, Organization
from tickets.people.noting import earlier, earlier_of_company

LONGEST = 10_000


class _Noting(forms.Form):
    """``as_read`` says which notes its writer read, so that nobody overwrites another's unseen."""

    notes = forms.CharField(
        label="About this person", required=False, max_length=LONGEST, widget=text_area(4),
        help_text="Staff only, on every ticket of theirs.",
    )  # fmt: skip
    of_company = forms.CharField(
        label="About the company", required=False, max_length=LONGEST, widget=text_area(4),
        help_text="On the tickets of all its people.",
    )  # fmt: skip
    # Not «seen»: so the page calls the newest message that its forms have shown.
    as_read = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def about(self, contact: Contact) -> None:
        self.contact = contact
        house = contact.organization
        if house is None:
            del self.fields["of_company"]
        present = {"notes": contact.notes, "of_company": house.notes if house else ""}
        self.initial = {**present, **self.initial}

    def earlier(self) -> list[NotesBefore]:
        """What they were before, for who shows the form."""
        return earlier(self.contact)

    def clean_notes(self) -> str:
        return _plain(self.cleaned_data["notes"])

    def clean_of_company(self) -> str:
        return _plain(self.cleaned_data["of_company"])


class NotesForm(_Noting, DeskForm):
    """On a ticket."""

    key = "notes"

    def __init__(self, data: Any = None, *, ticket: Ticket, **kwargs: Any) -> None:
        super().__init__(data, ticket=ticket, **kwargs)
        self.about(ticket.requester)


class CustomerNotesForm(_Noting):
    """On a customer's own page."""

    def __init__(self, data: Any = None, *, contact: Contact) -> None:
        super().__init__(data, auto_id="notes-%s", label_suffix="")
        self.about(contact)

    def refuse(self, refusal: ServiceRefused) -> None:
        show(self, refusal)


class CompanyNotesForm(forms.Form):
    """On a company's own page."""

    of_company = _Noting.base_fields["of_company"]
    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, company: Organization) -> None:
        super().__init__(data, auto_id="notes-%s", label_suffix="")
        self.company = company
        self.initial = {"of_company": company.notes}

    def earlier(self) -> list[NotesBefore]:
        """What they were before, for who shows the form."""
        return earlier_of_company(self.company)

    def clean_of_company(self) -> str:
        return _plain(self.cleaned_data["of_company"])

    def refuse(self, refusal: ServiceRefused) -> None:
        show(self, refusal)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n")
