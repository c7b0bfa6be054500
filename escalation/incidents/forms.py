"""What people type of an incident; the services decide whether it may happen."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models.functions import Lower

from escalation.incidents.models import ANSWERS, Component, Incident, Severity
from escalation.incidents.models.incidents import LONGEST_ANSWER, LONGEST_WORDS
from tickets import choices
from tickets.errors import ServiceRefused
from tickets.forms.base import show, text_area
from tickets.numerals import PlainInstant
from tickets.people.models import Organization, Team, User
from tickets.words import shown

MOST_REFERENCES = 200
MEANINGS = {
    Severity.MINOR: "Minor: it can be worked with",
    Severity.MAJOR: "Major: an important part does not work",
    Severity.CRITICAL: "Critical: hardly anything works, or everybody is hit",
}


class _Versioned(forms.Form):
    """Carries the version that its writer saw."""

    version = forms.IntegerField(
        required=False, min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput
    )

    @property
    def seen(self) -> int:
        """The version that was seen; one that is not said was never current."""
        version: int | None = self.cleaned_data["version"]
        return -1 if version is None else version

    def refuse(self, refusal: ServiceRefused, version: int | None = None) -> None:
        """Says why; what is sent again then counts as written with the row as it is now."""
        show(self, refusal)
        if version is not None:
            sent = self.data.copy()  # type: ignore[attr-defined]
            sent["version"] = str(version)
            self.data = sent


class IncidentForm(_Versioned):
    """What an incident is: to declare one, and to change it later."""

    title = forms.CharField(
        max_length=160, label="What does not work",
        widget=forms.TextInput(attrs={"dir": "auto"}),
        help_text="As a customer would say it: they read it once you speak to everybody.",
    )  # fmt: skip
    severity = forms.TypedChoiceField(coerce=int, choices=list(MEANINGS.items()))
    started_at = PlainInstant(label="Since")
    components = forms.TypedMultipleChoiceField(
        coerce=int, required=False, widget=forms.CheckboxSelectMultiple,
        label="Components that are broken",
    )  # fmt: skip
    organizations = forms.CharField(
        required=False, widget=text_area(2), max_length=4000,
        label="Companies it touches, whatever they use", help_text="One name a line.",
    )  # fmt: skip
    words = forms.CharField(
        required=False, max_length=LONGEST_WORDS, label="What customers write when they mean this",
        widget=forms.TextInput(attrs={"dir": "auto"}),
        help_text="With commas between, such as «offline, error 502». Their tickets are proposed.",
    )  # fmt: skip
    lead = forms.TypedChoiceField(
        coerce=int, required=False, empty_value=None, label="Led by",
        help_text="Speaks for it, and is told at once.",
    )  # fmt: skip
    responders = forms.TypedChoiceField(
        coerce=int, required=False, empty_value=None,
        help_text="The team that is told at once, and again whenever it gets worse.",
    )  # fmt: skip
    back_at = PlainInstant(label="Expected back", required=False)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        for each in ANSWERS:
            self.fields[each.field] = forms.CharField(
                label=each.asked, required=False, max_length=LONGEST_ANSWER, widget=text_area(2)
            )
        parts = [(row.pk, shown(row.name)) for row in Component.objects.all()]
        teams = Team.objects.order_by("name").values_list("pk", "name")
        self.fields["components"].choices = parts  # type: ignore[attr-defined]
        self.fields["lead"].choices = [("", "nobody yet"), *choices.staff()]  # type: ignore[attr-defined]
        self.fields["responders"].choices = [("", "nobody"), *teams]  # type: ignore[attr-defined]

    @property
    def questions(self) -> list[Any]:
        return [self[each.field] for each in ANSWERS]

    def clean_organizations(self) -> list[Organization]:
        typed = [each.strip() for each in self.cleaned_data["organizations"].splitlines()]
        names = {each.lower(): each for each in typed if each}
        rows = Organization.objects.annotate(plain=Lower("name")).filter(plain__in=names)
        found = {row.name.lower(): row for row in rows}
        if missing := [name for plain, name in names.items() if plain not in found]:
            raise ValidationError(f"There is no company «{missing[0][:80]}».")
        return list(found.values())

    def clean(self) -> dict[str, Any]:
        """The rows that were chosen, by the names that the services know."""
        said = super().clean() or {}
        for name, model in (("lead", User), ("responders", Team)):
            if name in said:
                said[name] = model._default_manager.filter(pk=said[name] or 0).first()
        if "components" in said:
            said["components"] = list(Component.objects.filter(pk__in=said["components"]))
        return said

    @property
    def said(self) -> dict[str, Any]:
        """The answers, and the moment at which it is expected back."""
        names = [*(each.field for each in ANSWERS), "back_at"]
        return {name: self.cleaned_data[name] for name in names}

    @classmethod
    def of(cls, incident: Incident) -> IncidentForm:
        """As the incident is."""
        names = ("title", "severity", "started_at", "words", "back_at", "version")
        initial = {name: getattr(incident, name) for name in names}
        initial |= {each.field: getattr(incident, each.field) for each in ANSWERS}
        initial |= {"lead": incident.lead_id, "responders": incident.responders_id}
        initial["components"] = [each.pk for each in incident.components.all()]
        initial["organizations"] = "\n".join(each.name for each in incident.organizations.all())
        return cls(initial=initial)


class SayForm(_Versioned):
    """A word about an incident, for the staff or for everybody."""

    AUDIENCES = (("staff", "Staff only"), ("public", "Everybody: the status page"))

    text = forms.CharField(label="What is to be said", max_length=2000, widget=text_area(3))
    state = forms.ChoiceField(choices=Incident.State.choices, label="It is now", required=False)
    audience = forms.ChoiceField(
        choices=AUDIENCES, label="Who reads it", widget=forms.RadioSelect, required=False
    )
    tell_customers = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, *, incident: Incident, **kwargs: Any) -> None:
        initial = {"state": incident.state, "version": incident.version}
        # What customers read of goes on before their eyes; a note to the staff is chosen.
        initial["audience"] = "public" if incident.published_at else "staff"
        super().__init__(data, initial=initial, label_suffix="", auto_id="say-%s", **kwargs)


class LinkForm(forms.Form):
    """Tickets that are about an incident: chosen from those proposed, or by their references."""

    references = forms.CharField(
        label="Other tickets", required=False, max_length=4000,
        help_text="References, with spaces or commas between.",
    )  # fmt: skip

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", auto_id="link-%s", **kwargs)

    def clean(self) -> dict[str, Any]:
        """``wanted`` are all references, each once."""
        said = super().clean() or {}
        typed = re.split(r"[\s,;]+", said.get("references", ""))
        chosen = self.data.getlist("tickets") if hasattr(self.data, "getlist") else []
        wanted = list(dict.fromkeys(each for each in [*chosen, *typed] if each))
        if not wanted:
            raise ValidationError("Choose a ticket, or type a reference.")
        if len(wanted) > MOST_REFERENCES:
            raise ValidationError(f"At most {MOST_REFERENCES} tickets are linked at once.")
        return said | {"wanted": wanted}

    def refuse(self, refusal: ServiceRefused) -> None:
        show(self, refusal)
