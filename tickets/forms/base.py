"""What the forms of a ticket share: their keys, the version seen, how a refusal is shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from tickets.errors import ServiceRefused
from tickets.lifecycle import Status, TransitionRefused, check, words
from tickets.models import Ticket

LONGEST_BODY = 100_000


def text_area(rows: int, **attrs: str) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "dir": "auto", **attrs})


class DeskForm(forms.Form):
    """A form of the ticket page. ``key`` keeps its ids apart from those of its neighbours."""

    key = ""

    def __init__(self, data: Any = None, *, ticket: Ticket, **kwargs: Any) -> None:
        self.ticket = ticket
        super().__init__(data, auto_id=f"{self.key}-%s", label_suffix="", **kwargs)

    def add_error(self, field: str | None, error: Any) -> None:
        """Besides, the first field that is wrong gets the keyboard."""
        super().add_error(field, error)
        wrong = next((self.fields[name] for name in self.fields if name in self.errors), None)
        if wrong and not wrong.widget.is_hidden:
            for each in self.fields.values():
                each.widget.attrs.pop("autofocus", None)
            wrong.widget.attrs["autofocus"] = True

    def refuse(self, refusal: ServiceRefused, said: str = "") -> None:
        """Shows what a service said, or ``said`` of it, at its field where it named one."""
        show(self, refusal, said)


class VersionedForm(DeskForm):
    """Carries the version the writer saw, so that nobody overwrites another's change unseen."""

    is_of_the_ticket = True  # whose version it is

    version = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)

    def say_why_not(self, name: str) -> None:
        """A status that was to be had when the form was shown, and is not now."""
        if why := _unreachable(self.ticket.status, self.data.get(name, "")):
            self.fields[name].error_messages["invalid_choice"] = why


def show(form: forms.BaseForm, refusal: ServiceRefused, said: str = "") -> None:
    name = getattr(refusal, "field", "")
    form.add_error(name if name in form.fields else None, said or refusal.message)


def in_order(statuses: Iterable[Status]) -> list[Status]:
    return [each for each in Status if each in set(statuses)]


def meaning(status: Status) -> str:
    said = {
        Status.PENDING: "pending: waiting for customer",
        Status.ON_HOLD: "on hold: waiting for us",
    }
    return said.get(status, words(status))


def _unreachable(present: str, wanted: str) -> str:
    if wanted == present:
        return f"The ticket is {words(present)} already."
    try:
        check(present, wanted)
    except TransitionRefused as refusal:
        return str(refusal)
    except ValueError:  # no status at all
        pass
    return ""
