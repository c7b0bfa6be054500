"""Escalation paths in the admin: levels that read like sentences, and reach somebody."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils import timezone

from escalation import loading, publishing, sentences
from escalation.admin.columns import PathColumns
from escalation.admin.fields import AS_TYPED, refuse_days, refuse_unreachable
from escalation.models import Calendar, Path, PathVersion, Step
from escalation.notify import Crew
from escalation.reaching import Delay, told_too_early
from escalation.specs import of_step
from tickets.configuring import ConflictsInWords
from tickets.models import Ticket
from tickets.people.models import Membership, Team

Who = Step.Who
# Which field each kind of addressee needs; the others stay empty.
NEEDS = {Who.PERSON: "person", Who.TEAM: "team", Who.ROLE: "role"}


class PathForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_purpose(self) -> str:
        """Said at its field, and by name; the constraint alone knows neither."""
        chosen = str(self.cleaned_data["purpose"])
        others = Path.objects.exclude(pk=self.instance.pk).filter(purpose=chosen)
        other = others.first() if chosen != Path.Purpose.GENERAL else None
        if other:
            raise ValidationError(f"«{other}» serves this purpose; make that path general first.")
        return chosen

    def clean_continues_with(self) -> Path | None:
        """A chain that comes back to itself never ends."""
        chosen: Path | None = self.cleaned_data["continues_with"]
        names, current = [str(self.cleaned_data.get("name") or self.instance)], chosen
        seen = {self.instance.pk} if self.instance.pk else set()
        while current is not None:
            names.append(current.name)
            if current.pk in seen:
                raise ValidationError(f"This path would come back to itself: {' → '.join(names)}.")
            seen.add(current.pk)
            current = current.continues_with
        return chosen


class StepForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._check_addressee(cleaned)
        self._check_repeats(cleaned)
        self._check_lengths(cleaned)
        if not self.errors:
            self._check_reach(cleaned)
        return cleaned

    def _check_addressee(self, cleaned: dict[str, Any]) -> None:
        who = cleaned.get("who")
        if not who:
            return
        needed = NEEDS.get(Who(who), "")
        for name in NEEDS.values():
            if name == needed and not cleaned.get(name):
                self.add_error(name, f"«{Who(who).label}»: choose which.")
            elif name != needed and cleaned.get(name):
                self.add_error(name, f"«{Who(who).label}» does not use this; leave it empty.")

    def _check_repeats(self, cleaned: dict[str, Any]) -> None:
        repeats, every = cleaned.get("repeats"), cleaned.get("every")
        if repeats and not every:
            self.add_error("every", "Say how long to wait before telling them again.")
        if every and not repeats:
            self.add_error("repeats", "Say how many times to tell them again.")

    def _check_lengths(self, cleaned: dict[str, Any]) -> None:
        calendar = cleaned.get("calendar")
        for name, times in (("delay", 1), ("every", cleaned.get("repeats") or 1)):
            length = cleaned.get(name)
            try:
                refuse_days(length, calendar is not None)
                refuse_unreachable(length and length * times, calendar)
            except ValidationError as problem:
                self.add_error(name, problem)

    def _check_reach(self, cleaned: dict[str, Any]) -> None:
        """A fixed addressee must be somebody; who depends on the ticket is seen when it climbs."""
        names = ("level", "delay", "who", "person", "team", "role", "channel")
        step = Step(**{name: cleaned[name] for name in names})
        if step.who in NEEDS and not Crew().mean(of_step(step), Ticket()):
            self.add_error(
                "who",
                f"This level reaches nobody: {sentences.who(of_step(step))}, with no active person "
                "who has an e-mail address.",
            )


class StepsFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        if not any(self.errors):
            self._check_order()  # first: Django would only speak of "duplicate data"
        super().clean()

    def _check_order(self) -> None:
        steps = sorted(
            (
                form.cleaned_data
                for form in self.forms
                if form.cleaned_data and not form.cleaned_data.get("DELETE")
            ),
            key=lambda step: step["level"],
        )
        if not steps:
            raise ValidationError("A path without levels tells nobody: add at least one.")
        for lower, higher in pairwise(steps):
            if lower["level"] == higher["level"]:
                raise ValidationError(f"Level {lower['level']} stands here twice.")
        early = told_too_early([_delay(step) for step in steps], timezone.now())
        if early:
            raise ValidationError(early)


def _delay(step: dict[str, Any]) -> Delay:
    calendar: Calendar | None = step["calendar"]
    hours = loading.current().calendar(calendar.pk if calendar else None)
    return Delay(step["level"], step["delay"], hours)


class StepInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Step
    form = StepForm
    formset = StepsFormSet
    formfield_overrides = AS_TYPED
    extra = 0
    fields = [
        "level", "delay", "calendar", "who", "person", "team", "role", "channel", "repeats", "every",
    ]  # fmt: skip


class VersionInline(admin.TabularInline):  # type: ignore[type-arg]
    """Append-only: shown, never changed."""

    model = PathVersion
    fields = ["number", "made_at", "made_by", "said"]
    readonly_fields = ["number", "made_at", "made_by", "said"]
    ordering = ["-number"]
    extra = 0
    can_delete = False
    verbose_name_plural = "versions"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="Climbs")
    def said(self, version: PathVersion) -> str:
        return sentences.rungs(version.spec)


@admin.register(Path)
class PathAdmin(ConflictsInWords, admin.ModelAdmin):  # type: ignore[type-arg]
    form = PathForm
    search_fields = ["name"]
    inlines = [StepInline, VersionInline]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return ["name", PathColumns().climbs, "purpose"]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        publishing.publish_path(path=form.instance, now=timezone.now(), actor=request.user)  # type: ignore[arg-type]
        self._warn_of_leaderless_teams(request, form.instance)

    def delete_model(self, request: HttpRequest, obj: Path) -> None:
        self.delete_queryset(request, Path.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        cut = publishing.withdraw_paths(
            paths=queryset, now=timezone.now(), actor=request.user  # type: ignore[arg-type]
        )  # fmt: skip
        if cut:
            messages.warning(
                request,
                f"These paths went on with what is deleted, and end before it now: "
                f"{', '.join(path.name for path in cut)}.",
            )

    def _warn_of_leaderless_teams(self, request: HttpRequest, path: Path) -> None:
        if not path.steps.filter(who=Who.SUPERVISORS).exists():
            return
        led = Membership.objects.leading().values("team")
        names = list(Team.objects.exclude(pk__in=led).values_list("name", flat=True))
        if names:
            messages.warning(
                request,
                f"These teams have no supervisor: {', '.join(names)}. There the level falls "
                "through to the next one, and to the administrators in the end.",
            )
