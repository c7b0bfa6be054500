"""What people type at the desk, checked; the services decide whether it may happen."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tickets import choices
from tickets.errors import ServiceRefused
from tickets.lifecycle import Status, allowed, words
from tickets.models import Category, Ticket, TicketLink
from tickets.outbox import checking
from tickets.people.models import User

LONGEST_BODY = 100_000
_MENTION = re.compile(r"(?<![\w@.])@([\w.+-]{1,150})")


def text_area(rows: int, **attrs: str) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "dir": "auto", **attrs})


class DeskForm(forms.Form):
    """A form of the ticket page. ``key`` keeps its ids apart from those of its neighbours."""

    key = ""

    def __init__(self, data: Any = None, *, ticket: Ticket, **kwargs: Any) -> None:
        self.ticket = ticket
        super().__init__(data, auto_id=f"{self.key}-%s", label_suffix="", **kwargs)

    def refuse(self, refusal: ServiceRefused) -> None:
        """Shows what a service said, at its field where it named one."""
        _show(self, refusal)


class VersionedForm(DeskForm):
    """Carries the version the writer saw, so that nobody overwrites another's change unseen."""

    version = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)


class WordsForm(VersionedForm):
    """Has a body; browsers send CRLF, we keep LF."""

    body = forms.CharField(max_length=LONGEST_BODY)

    def clean_body(self) -> str:
        return str(self.cleaned_data["body"]).replace("\r\n", "\n")


class ReplyForm(WordsForm):
    key = "reply"
    body = forms.CharField(
        label="Your reply", max_length=LONGEST_BODY, widget=text_area(8), strip=True,
        error_messages={"required": "Write something to send."},
    )  # fmt: skip
    cc = forms.CharField(
        label="Copy to (Cc)", required=False, max_length=1000,
        help_text="E-mail addresses, with commas between them.",
    )  # fmt: skip
    status_after = forms.ChoiceField(label="Once it has left, the ticket is", required=False)

    def __init__(self, data: Any = None, *, ticket: Ticket, **kwargs: Any) -> None:
        super().__init__(data, ticket=ticket, **kwargs)
        self.fields["status_after"].choices = [  # type: ignore[attr-defined]
            ("", "as it is now"),
            *((each.value, _meaning(each)) for each in _in_order(allowed(ticket.status))
              if each is not Status.CLOSED),
        ]  # fmt: skip

    def clean_cc(self) -> list[str]:
        addresses = [each.strip().lower() for each in re.split(r"[,;\s]+", self.cleaned_data["cc"])]
        addresses = list(dict.fromkeys(filter(None, addresses)))
        if len(addresses) > 20:
            raise ValidationError("At most 20 people can get a copy.")
        for address in addresses:
            checking.validate(address)
        return addresses


class NoteForm(WordsForm):
    key = "note"
    body = forms.CharField(
        label="Internal note", max_length=LONGEST_BODY, widget=text_area(5),
        help_text="Only staff see this. @name tells a colleague.",
        error_messages={"required": "Write something to note."},
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """``mentions`` are the colleagues named by @username."""
        said = super().clean() or {}
        names = set(_MENTION.findall(said.get("body", ""))[:20])
        said["mentions"] = list(User.objects.filter(username__in=names, is_active=True))
        return said


class ProgressForm(WordsForm):
    key = "progress"
    body = forms.CharField(
        label="Progress line", max_length=500, widget=text_area(2),
        help_text="One line the customer can follow, such as «With engineering since 10:40».",
        error_messages={"required": "Write what is being done."},
    )  # fmt: skip


class EditHeldForm(WordsForm):
    key = "held"
    body = forms.CharField(label="The reply", max_length=LONGEST_BODY, widget=text_area(12))


class PropertiesForm(VersionedForm):
    """Status, priority, category, team and assignee in one save."""

    key = "properties"
    status = forms.ChoiceField()
    priority = forms.ChoiceField(choices=Ticket.Priority.choices)
    category = forms.TypedChoiceField(coerce=int)
    team = forms.TypedChoiceField(coerce=int)
    assignee = forms.TypedChoiceField(coerce=int, required=False, empty_value=None)

    def __init__(
        self,
        data: Any = None,
        *,
        ticket: Ticket,
        listed: dict[str, choices.Choices] | None = None,
        **kwargs: Any,
    ) -> None:
        """``listed`` is what ``choices.of_the_desk`` reads, where somebody has read it already."""
        super().__init__(data, ticket=ticket, **kwargs)
        self.initial = {**self.present, **self.initial}
        following = _in_order({*allowed(ticket.status), Status(ticket.status)})
        listed = listed or choices.of_the_desk()
        people = [*listed["assignee"]]
        here = {None, *(pk for pk, _ in people)}
        if ticket.assignee_id not in here and ticket.assignee:
            people.append((ticket.assignee.pk, f"{ticket.assignee.name} (no longer here)"))
        offered: dict[str, list[tuple[Any, str]]] = {
            "status": [(each.value, _meaning(each)) for each in following],
            "category": [*listed["category"]],
            "team": [*listed["team"]],
            "assignee": [("", "nobody"), *people],
        }
        for name, pairs in offered.items():
            self.fields[name].choices = pairs  # type: ignore[attr-defined]

    @property
    def present(self) -> dict[str, Any]:
        """What the ticket has now, field by field."""
        ticket = self.ticket
        return {
            "team": ticket.team_id,
            "assignee": ticket.assignee_id,
            "category": ticket.category_id,
            "priority": ticket.priority,
            "status": ticket.status,
        }

    def clean(self) -> dict[str, Any]:
        """``wanted`` is only what differs from the ticket."""
        said = super().clean() or {}
        said["wanted"] = {
            name: said[name]
            for name, present in self.present.items()
            if name in said and said[name] != present
        }
        return said


class SubjectForm(VersionedForm):
    key = "subject"
    subject = forms.CharField(max_length=250, widget=forms.TextInput(attrs={"dir": "auto"}))


class TagsForm(VersionedForm):
    key = "tags"
    tags = forms.CharField(
        required=False, max_length=1000, help_text="With commas between them.",
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )  # fmt: skip

    def clean_tags(self) -> list[str]:
        names = [" ".join(each.split()) for each in self.cleaned_data["tags"].split(",")]
        unique = {name.lower(): name for name in names if name}
        if any(len(name) > 60 for name in unique):
            raise ValidationError("A tag has at most 60 letters.")
        if len(unique) > 30:
            raise ValidationError("A ticket has at most 30 tags.")
        return list(unique.values())


class LinkForm(DeskForm):
    key = "link"
    reference = forms.CharField(max_length=40, label="Reference of the other ticket")
    kind = forms.ChoiceField(choices=TicketLink.Kind.choices, label="This ticket is")


class MergeForm(VersionedForm):
    key = "merge"
    reference = forms.CharField(
        max_length=40,
        label="Merge this ticket into",
        help_text="The reference of the ticket to keep.",
    )


class SplitForm(VersionedForm):
    key = "split"
    subject = forms.CharField(
        max_length=250,
        label="Subject of the new ticket",
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    messages = forms.TypedMultipleChoiceField(
        coerce=int, label="Messages that belong to it", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one message."},
    )  # fmt: skip

    def __init__(self, data: Any = None, *, ticket: Ticket, **kwargs: Any) -> None:
        super().__init__(data, ticket=ticket, **kwargs)
        ids = ticket.messages.values_list("pk", flat=True)
        self.fields["messages"].choices = [(pk, str(pk)) for pk in ids]  # type: ignore[attr-defined]


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

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        found = Category.objects.order_by("-is_default", "name").values_list("pk", "name")
        self.fields["category"].choices = list(found)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not said.get("email") and not said.get("phone") and not self.errors:
            raise ValidationError("Give an e-mail address or a phone number to answer to.")
        return said

    def refuse(self, refusal: ServiceRefused) -> None:
        _show(self, refusal)


def _show(form: forms.Form, refusal: ServiceRefused) -> None:
    name = getattr(refusal, "field", "")
    form.add_error(name if name in form.fields else None, refusal.message)


def _in_order(statuses: Iterable[Status]) -> list[Status]:
    return [each for each in Status if each in set(statuses)]


def _meaning(status: Status) -> str:
    said = {
        Status.PENDING: "pending: waiting for customer",
        Status.ON_HOLD: "on hold: waiting for us",
    }
    return said.get(status, words(status))
