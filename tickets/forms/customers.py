"""What the desk may change of a customer and of a company; tier and named person are the admin's."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf.locale import LANG_INFO

from tickets.errors import ServiceRefused
from tickets.forms.base import show
from tickets.people.models import Contact, Organization

_SPOKEN = sorted(
    (str(each["name"]), code) for code, each in LANG_INFO.items() if "name_local" in each
)
_AUTO = {"dir": "auto", "autocomplete": "off"}


class CustomerForm(forms.Form):
    """``seen`` says which facts its writer read, so that nobody overwrites another's unseen."""

    name = forms.CharField(
        required=False, max_length=160, widget=forms.TextInput(attrs=_AUTO)
    )  # fmt: skip
    email = forms.CharField(
        label="E-mail", required=False, max_length=254,
        help_text="What they write from there is theirs, and answers go there.",
        widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off"}),
    )  # fmt: skip
    phone = forms.CharField(
        required=False, max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )  # fmt: skip
    company = forms.CharField(
        required=False, max_length=160, widget=forms.TextInput(attrs=_AUTO),
        help_text="By its name. Their open tickets go along, those that are done stay.",
    )  # fmt: skip
    is_new_company = forms.BooleanField(label="Make it a new company", required=False)
    language = forms.ChoiceField(required=False)
    time_zone = forms.CharField(
        label="Time zone", max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Such as Europe/Berlin.",
    )  # fmt: skip
    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, contact: Contact) -> None:
        super().__init__(data, auto_id="change-%s", label_suffix="")
        house = contact.organization
        names = ("name", "phone", "language", "time_zone")
        self.initial = {each: getattr(contact, each) for each in names} | {
            "email": contact.email or "", "company": house.name if house else "",
        }  # fmt: skip
        spoken = [("", "not known"), *((code, name) for name, code in _SPOKEN)]
        if contact.language not in dict(spoken):
            spoken.append((contact.language, contact.language))
        self.fields["language"].choices = spoken  # type: ignore[attr-defined]

    def refuse(self, refusal: ServiceRefused, said: str = "") -> None:
        show(self, refusal, said)


class CompanyForm(forms.Form):
    name = forms.CharField(max_length=160, widget=forms.TextInput(attrs=_AUTO))
    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, company: Organization) -> None:
        super().__init__(data, auto_id="change-%s", label_suffix="")
        self.initial = {"name": company.name}

    def refuse(self, refusal: ServiceRefused, said: str = "") -> None:
        show(self, refusal, said)
