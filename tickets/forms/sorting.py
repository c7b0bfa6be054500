"""Triage: properties, subject, tags, links, merge and split."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tickets import choices
from tickets.forms.aside import ReturnFields, offered_to
from tickets.forms.base import DeskForm, VersionedForm, in_order, meaning
from tickets.lifecycle import Status, allowed
from tickets.models import Ticket, TicketLink
from tickets.references import normalise


class PropertiesForm(ReturnFields, VersionedForm):
    """Status, when it comes back, priority, category, team and assignee in one save."""

    key = "properties"
    status = forms.ChoiceField()
    priority = forms.ChoiceField(choices=Ticket.Priority.choices)
    category = forms.TypedChoiceField(
        coerce=int, error_messages={"invalid_choice": "There is no such category any more."}
    )
    team = forms.TypedChoiceField(
        coerce=int, error_messages={"invalid_choice": "There is no such team any more."}
    )
    assignee = forms.TypedChoiceField(
        coerce=int, required=False, empty_value=None,
        error_messages={"invalid_choice": "This person does not work here any more."},
    )  # fmt: skip

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
        following = in_order({*allowed(ticket.status), Status(ticket.status)})
        listed = listed or choices.of_the_desk()
        people = choices.with_absences(listed["assignee"], listed.get("out", []))
        here = {None, *(pk for pk, _ in people)}
        if ticket.assignee_id not in here and ticket.assignee:
            people.append((ticket.assignee.pk, f"{ticket.assignee.name} (no longer here)"))
        offered: dict[str, list[tuple[Any, str]]] = {
            "status": [(each.value, meaning(each)) for each in following],
            "comes_back": offered_to(ticket),
            "category": [*listed["category"]],
            "team": [*listed["team"]],
            "assignee": [("", "nobody"), *people],
        }
        for name, pairs in offered.items():
            self.fields[name].choices = pairs  # type: ignore[attr-defined]
        self.say_why_not("status")

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
        """``wanted`` is only what differs from the ticket; when it comes back is asked apart."""
        said = super().clean() or {}
        self.settle_return(said.get("status", ""))
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
        required=False, max_length=2000, help_text="With commas between them.",
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


class RequesterForm(VersionedForm):
    """Another customer is the one who asks."""

    key = "requester"
    email = forms.EmailField(label="E-mail of the customer", max_length=254)
    name = forms.CharField(
        label="Name, where they are new", required=False, max_length=160,
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )  # fmt: skip


class OrderForm(DeskForm):
    key = "order"
    order = forms.CharField(label="Number of the order", max_length=40)


class LinkForm(DeskForm):
    key = "link"
    reference = forms.CharField(max_length=40, label="Reference of the other ticket")
    kind = forms.ChoiceField(choices=TicketLink.Kind.choices, label="This ticket is")


class MergeForm(VersionedForm):
    """``reference`` is the ticket to keep, by whichever of its two fields it was named."""

    key = "merge"
    into = forms.CharField(max_length=40, required=False, label="Merge this ticket into")
    reference = forms.CharField(
        max_length=40, required=False, label="Reference of the ticket to keep"
    )
    # Where the customers differ: the other ticket's, so that what was confirmed is what happens.
    other_customer = forms.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput
    )

    @property
    def named(self) -> str:
        """What was chosen or typed, as it came."""
        return self.data.get("into") or self.data.get("reference") or ""

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        into, typed = said.get("into", ""), said.get("reference", "")
        if into and typed and normalise(into) != normalise(typed):
            self.add_error("reference", "Choose one of these or name another, not both.")
        elif not into and not typed and "reference" not in self.errors:
            self.add_error("reference", "Which ticket is to be kept?")
        said["reference"] = into or typed
        return said


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
