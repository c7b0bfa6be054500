"""When what is pending or on hold comes back: a few usual times, or one of one's own."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from django import forms
from django.utils.timezone import localtime, make_aware

from tickets.errors import ServiceRefused
from tickets.forms.base import show
from tickets.lifecycle import ASIDE, Status
from tickets.models import Ticket
from tickets.numerals import PlainInstant
from tickets.services import triage
from tickets.words import exactly

AT, NEVER = "at", "never"
MORNING = time(9)
# What is most often meant, in days from today; Mondays have no number of their own.
_DAYS = {"tomorrow": 1, "days": 3, "week": 7, "month": 30}
USUAL = [
    ("tomorrow", "tomorrow, 09:00"),
    ("days", "in 3 days, 09:00"),
    ("monday", "next Monday, 09:00"),
    ("week", "in a week, 09:00"),
    ("month", "in 30 days, 09:00"),
    (AT, "at a time of your own"),
]
UNSAID = "when somebody opens it"


class ReturnFields(forms.Form):
    """Two fields of a form that sets a status; times are the reader's own."""

    comes_back = forms.ChoiceField(
        label="Comes back", required=False, choices=[("", UNSAID), *USUAL],
        error_messages={"invalid_choice": "«%(value)s» is no time to come back at."},
    )  # fmt: skip
    comes_back_at = PlainInstant(label="On", required=False)

    def settle_return(self, status: str) -> None:
        """To be called by ``clean``. Out of ``status`` nothing comes back by itself: then the fields
        are out of sight, and what stands in them is not meant."""
        said = self.cleaned_data
        if status not in ASIDE:
            said |= {"comes_back": "", "comes_back_at": None}
            for name in ("comes_back", "comes_back_at"):
                self.errors.pop(name, None)
        elif said.get("comes_back") == AT and said.get("comes_back_at", AT) is None:
            self.add_error("comes_back_at", "Say when it comes back.")

    def is_valid_at(self, now: datetime) -> bool:
        """Valid, and what was chosen a time at which something can come back."""
        if self.is_valid() and (until := self.comes_back_by(now)):
            try:
                triage.check_return(Status.PENDING, until, now)
            except ServiceRefused as refusal:
                show(self, refusal)
        return self.is_valid()

    def says_when(self) -> bool:
        """Whether a time was chosen, or that there is none any more."""
        return bool(self.cleaned_data["comes_back"] or self.cleaned_data["comes_back_at"])

    def comes_back_by(self, now: datetime) -> datetime | None:
        """What was chosen, as an instant; None for no time at all."""
        chosen = self.cleaned_data["comes_back"]
        typed: datetime | None = self.cleaned_data["comes_back_at"]
        if chosen in {"", AT}:
            return typed
        return None if chosen == NEVER else usual(chosen, now)


def offered_to(ticket: Ticket) -> list[tuple[str, str]]:
    """What one can choose for a ticket; "" is as it is."""
    if ticket.comes_back_at is None:
        return [("", UNSAID), *USUAL]
    return [("", exactly(localtime(ticket.comes_back_at))), *USUAL, (NEVER, UNSAID)]


def usual(chosen: str, now: datetime) -> datetime:
    """The morning that is meant by a key of USUAL, in the reader's zone."""
    today = localtime(now).date()
    days = _DAYS.get(chosen, 7 - today.weekday())
    return make_aware(datetime.combine(today + timedelta(days=days), MORNING)).astimezone(UTC)
