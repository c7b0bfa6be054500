"""What an agent says of a call: of one that is over, of a hold, of its end, of whom it goes to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms

from tickets import choices
from tickets.calls.models import LONGEST_BECAUSE, Call, Callback
from tickets.calls.services import Promise
from tickets.errors import ServiceRefused
from tickets.forms import DeskForm, NewTicketForm, text_area
from tickets.forms.base import show
from tickets.models import Message, Ticket
from tickets.numerals import PlainInstant, PlainInteger
from tickets.people.models import Contact, Team, User
from tickets.words import shown

Direction, Outcome = Call.Direction, Call.Outcome
BY_SCHEDULE, AT = "schedule", "at"
PROMISES = [
    ("", "Nothing is promised"),
    ("30", "A call within 30 minutes"),
    ("60", "A call within an hour"),
    ("120", "A call within 2 hours"),
    ("1440", "A call within 24 hours"),
    (AT, "A call by the time below"),
    (BY_SCHEDULE, "A call, as the response schedule says"),
]
_OURS = [Outcome.REACHED, Outcome.NO_ANSWER, Outcome.VOICEMAIL, Outcome.BUSY, Outcome.CUT_OFF]
_THEIRS = [Outcome.REACHED, Outcome.CUT_OFF]
UNSAID = "Promised on the phone"


class CallForm(DeskForm):
    """A call that has just ended."""

    key = "call"
    direction = forms.ChoiceField(
        choices=Direction.choices, initial=Direction.OUTBOUND, label="Who called"
    )
    outcome = forms.ChoiceField(
        choices=[(each.value, each.label) for each in _OURS], initial=Outcome.REACHED,
        label="How it ended",
    )  # fmt: skip
    minutes = PlainInteger(
        min_value=0, max_value=24 * 60, initial=5, label="Minutes it lasted",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 4}),
    )  # fmt: skip
    summary = forms.CharField(
        label="What was said", max_length=10_000, required=False, widget=text_area(3),
    )  # fmt: skip
    callback = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


class LogForm(forms.Form):
    """A call that is over and belongs to no ticket: a wrong number, or nobody we know yet."""

    direction = forms.ChoiceField(
        choices=Direction.choices, initial=Direction.INBOUND, label="Who called"
    )
    outcome = forms.ChoiceField(
        choices=Outcome.choices, initial=Outcome.WRONG_NUMBER, label="How it ended"
    )
    minutes = PlainInteger(
        min_value=0, max_value=24 * 60, initial=1, label="Minutes it lasted",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 4}),
    )  # fmt: skip
    number = forms.CharField(label="Number", max_length=40, required=False)
    summary = forms.CharField(
        label="What was said", max_length=10_000, required=False, widget=text_area(2)
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="log-%s", label_suffix="")

    def refuse(self, refusal: ServiceRefused) -> None:
        show(self, refusal)


class WithdrawForm(DeskForm):
    key = "withdraw"
    because = forms.CharField(label="Why it is not owed any more", max_length=200, required=False)


class _OfACall(forms.Form):
    key = ""

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, auto_id=f"{self.key}-%s", label_suffix="", **kwargs)

    def refuse(self, refusal: ServiceRefused, said: str = "") -> None:
        show(self, refusal, said)


class HoldForm(_OfACall):
    key = "hold"
    seconds = PlainInteger(required=False, min_value=5, max_value=1800)
    because = forms.CharField(required=False, max_length=200)

    @property
    def moment(self) -> dict[str, timedelta]:
        seconds = self.cleaned_data["seconds"]
        return {} if seconds is None else {"moment": timedelta(seconds=seconds)}


class PassForm(_OfACall):
    """To whom the caller goes: ``p12`` is a person, ``t3`` a team."""

    key = "pass"
    to = forms.ChoiceField(label="To")
    note = forms.CharField(
        label="What they need to know", max_length=10_000, widget=text_area(2),
        error_messages={"required": "Say what they need to know, so that nobody asks it again."},
    )  # fmt: skip

    def __init__(self, data: Any = None, *, listed: dict[str, choices.Choices], me: int) -> None:
        super().__init__(data)
        staff = choices.with_absences(listed["assignee"], listed["out"])
        people = [(f"p{pk}", name) for pk, name in staff if pk != me]
        teams = [(f"t{pk}", f"Team {name}") for pk, name in listed["team"]]
        self.fields["to"].choices = [("", "Choose …"), *teams, *people]  # type: ignore[attr-defined]

    def whom(self) -> User | Team:
        chosen = self.cleaned_data["to"]
        kind: type[User] | type[Team] = User if chosen[0] == "p" else Team
        return kind.objects.get(pk=int(chosen[1:]))


class FinishForm(_OfACall):
    """What came of it, and what was promised; ``ended_at`` only of a call that was forgotten."""

    key = "finish"
    outcome = forms.ChoiceField(label="How it ended")
    ended_at = PlainInstant(label="When it really ended")
    summary = forms.CharField(
        label="What was said, in two sentences", max_length=10_000, required=False,
        widget=text_area(4),
    )  # fmt: skip
    promise = forms.ChoiceField(label="What we promised", choices=PROMISES, required=False)
    promise_at = PlainInstant(label="By when", required=False, help_text="In your own time zone.")
    promise_contact = forms.TypedChoiceField(
        label="To whom", coerce=int, empty_value=None, required=False
    )
    promise_number = forms.CharField(label="On which number", required=False, max_length=40)
    promise_because = forms.CharField(
        label="About what", required=False, max_length=LONGEST_BECAUSE
    )

    def __init__(self, data: Any = None, *, call: Call, now: datetime, **kwargs: Any) -> None:
        self.call, self.now = call, now
        phone = call.number or (call.contact.phone if call.contact else "")
        kwargs.setdefault("initial", {"summary": call.summary, "promise_number": phone})
        super().__init__(data, **kwargs)
        outcomes = _OURS if call.direction == Direction.OUTBOUND else _THEIRS
        if call.ticket is None:
            outcomes = [*outcomes, Outcome.WRONG_NUMBER]
        self.fields["outcome"].choices = [(each.value, each.label) for each in outcomes]  # type: ignore[attr-defined]
        self.fields["promise_contact"].choices = _people(call)  # type: ignore[attr-defined]
        if not call.is_forgotten(now):
            del self.fields["ended_at"]
        if call.ticket is None:
            for name in [name for name in self.fields if name.startswith("promise")]:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if "promise" in said and "promise_at" in said:
            self._check_time(said["promise"], said["promise_at"])
        return said

    def _check_time(self, chosen: str, typed: datetime | None) -> None:
        """The choice decides; a time beside another choice may be what was meant, so it is asked."""
        if chosen == AT and not typed:
            self.add_error("promise_at", "Say by when.")
        elif chosen != AT and typed:
            said = dict(PROMISES)
            self.add_error(
                "promise_at",
                f"«{said[chosen]}» was chosen, and a time is typed here: choose «{said[AT]}», or "
                "leave this empty.",
            )

    def promised(self) -> Promise | None:
        said = self.cleaned_data
        if not said.get("promise"):
            return None
        pk = said["promise_contact"]
        return Promise(
            due_at=self._due_at(), because=said["promise_because"] or UNSAID, number=said["promise_number"],
            contact=Contact.objects.get(pk=pk) if pk else None,
        )  # fmt: skip

    def _due_at(self) -> datetime | None:
        chosen, typed = self.cleaned_data["promise"], self.cleaned_data["promise_at"]
        if chosen in {AT, BY_SCHEDULE}:
            return typed if chosen == AT else None
        return self.now + timedelta(minutes=int(chosen))


class CallerTicketForm(NewTicketForm):
    """A ticket for who is on the phone: who they are is asked only where it is not known."""

    def __init__(self, data: Any = None, *, call: Call) -> None:
        super().__init__(data)
        self.is_known = call.contact is not None
        for name in ("channel", "team", "tags"):
            del self.fields[name]
        if self.is_known:
            for name in ("email", "phone", "name"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        return forms.Form.clean(self) or {} if self.is_known else super().clean()


def owed_on(ticket: Ticket, pk: int | None) -> Callback | None:
    """The promise of this ticket that a form names; another ticket's is none."""
    return ticket.callbacks.filter(pk=pk).first() if pk else None


def _people(call: Call) -> list[tuple[int, str]]:
    """Who may be promised a call: who is on the phone, who asks, who wrote."""
    if call.ticket is None:
        return []
    first = [each for each in (call.contact, call.ticket.requester) if each]
    wrote = Message.objects.filter(ticket=call.ticket, contact__isnull=False)
    others = Contact.objects.filter(pk__in=wrote.order_by().values("contact")).order_by("name")
    found = {each.pk: shown(each.display_name) for each in [*first, *others[:20]]}
    return list(found.items())
