"""What is to become of the chosen tickets; whatever is left empty stays as it is."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.timezone import localtime

from tickets import choices
from tickets.errors import ServiceRefused
from tickets.forms.aside import AT, NEVER, UNSAID, USUAL, ReturnFields
from tickets.forms.base import meaning, show
from tickets.lifecycle import Status
from tickets.models import Category, Ticket
from tickets.people.models import Team, User
from tickets.services.tagging import as_kept

NOBODY = "none"
_SAME: list[tuple[Any, str]] = [("", "as it is")]
_RETURN = {"comes_back", "comes_back_at"}
_MODELS: dict[str, Any] = {"assignee": User, "team": Team, "category": Category}


class BulkForm(ReturnFields):
    status = forms.ChoiceField(required=False)
    assignee = forms.ChoiceField(required=False)
    team = forms.ChoiceField(required=False)
    priority = forms.ChoiceField(required=False, choices=_SAME + Ticket.Priority.choices)
    category = forms.ChoiceField(required=False)
    add_tags = forms.CharField(
        label="Add tags", required=False, max_length=300, help_text="With commas between them.",
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )  # fmt: skip
    remove_tags = forms.CharField(
        label="Remove tags", required=False, max_length=300,
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )  # fmt: skip
    follow = forms.BooleanField(label="I follow them", required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="bulk-%s", label_suffix="")
        listed = choices.of_the_desk()
        steps = [(each.value, meaning(each)) for each in Status if each is not Status.NEW]
        offered: dict[str, list[tuple[Any, str]]] = {
            "status": steps,
            "assignee": [
                (NOBODY, "nobody"),
                *choices.with_absences(listed["assignee"], listed["out"]),
            ],
            "comes_back": [*USUAL, (NEVER, UNSAID)],
            "team": [*listed["team"]],
            "category": [*listed["category"]],
        }
        for name, pairs in offered.items():
            self.fields[name].choices = _SAME + pairs  # type: ignore[attr-defined]

    def clean_add_tags(self) -> list[str]:
        return self._tags("add_tags")

    def clean_remove_tags(self) -> list[str]:
        return self._tags("remove_tags")

    def clean(self) -> dict[str, Any]:
        """``wanted`` is what the services are told: objects, and only what was chosen."""
        said = super().clean() or {}
        self.settle_return(said.get("status") or Status.PENDING)
        chosen = {name: value for name, value in said.items() if value and name not in _RETURN}
        said["wanted"] = {name: _object(name, value) for name, value in chosen.items()}
        return said

    def wanted(self, now: datetime) -> dict[str, Any]:
        """The same with the instant at which they come back, where one was chosen."""
        wanted: dict[str, Any] = self.cleaned_data["wanted"]
        return wanted | ({"comes_back_at": self.comes_back_by(now)} if self.says_when() else {})

    def carried(self, wanted: dict[str, Any]) -> list[tuple[str, str]]:
        """The fields for the deed after the preview of ``wanted``: as they were sent, but a usual time
        as the instant that was shown, on whatever day the deed is done."""
        sent = {name: self.data[name] for name in self.fields if self.data.get(name)}
        if sent.get("comes_back", AT) != AT and (at := wanted.get("comes_back_at")):
            sent |= {"comes_back": AT, "comes_back_at": f"{localtime(at):%Y-%m-%dT%H:%M}"}
        return [*sent.items()]

    def refuse(self, refusal: ServiceRefused) -> None:
        show(self, refusal)

    def _tags(self, name: str) -> list[str]:
        typed = filter(None, map(str.strip, re.split(",", self.cleaned_data[name])))
        try:
            return as_kept(typed)
        except ServiceRefused as refusal:
            raise ValidationError(refusal.message) from None


def _object(name: str, value: Any) -> Any:
    if value == NOBODY:
        return None
    model = _MODELS.get(name)
    return model.objects.get(pk=value) if model else value
