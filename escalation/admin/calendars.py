"""Calendars in the admin: hours and holidays, refused with a reason where they make no sense."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils import timezone

from escalation import publishing, sentences, specs
from escalation.admin.fields import AS_TYPED
from escalation.models import (
    Calendar,
    CalendarException,
    CalendarVersion,
    OpeningHours,
    PathVersion,
    PolicyVersion,
)
from escalation.reaching import out_of_reach
from escalation.sla.checking import CalendarError, problems
from escalation.sla.hours import WorkCalendar


class HoursFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """All opening hours together: they must not overlap, and there must be some."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        rows = [OpeningHours(**_fields(form, "weekday", "opens", "closes")) for form in _kept(self)]
        spec = specs.of_calendar(self.instance, rows, [])
        found = problems(self.instance.time_zone, specs.weekly(spec))
        # Its field says already that there is no such zone.
        _refuse([each for each in found if each.code != "unknown_zone"])
        if self.instance.pk and not found:
            self._refuse_broken_promises(specs.work_calendar(spec))

    def _refuse_broken_promises(self, hours: WorkCalendar) -> None:
        """What counts by this calendar must still be possible; single dates change nothing there."""
        broken = out_of_reach(self.instance, hours, timezone.now())
        if broken:
            raise ValidationError(
                f"With these hours there would be no deadline any more for {', '.join(broken)}: "
                "they never add up to so much time. Shorten it there first."
            )


class ExceptionsFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """All special dates together."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        names = ("date", "kind", "opens", "closes", "name")
        rows = [CalendarException(**_fields(form, *names)) for form in _kept(self)]
        self._refuse_mixed(rows)
        spec = specs.of_calendar(self.instance, [], rows)
        found = problems(self.instance.time_zone, {}, specs.exceptional(spec))
        _refuse([each for each in found if each.code not in {"never_opens", "unknown_zone"}])

    @staticmethod
    def _refuse_mixed(rows: list[CalendarException]) -> None:
        whole = {(row.date, row.kind) for row in rows if row.opens is None}
        for row in rows:
            if row.opens is not None and (row.date, row.kind) in whole:
                raise ValidationError(
                    f"{row.date}: the whole day and single hours of it stand here beside each other."
                )


class ExceptionForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        opens, closes = cleaned.get("opens"), cleaned.get("closes")
        if (opens is None) != (closes is None):
            missing = "opens" if opens is None else "closes"
            self.add_error(missing, "Give both hours, or neither for the whole day.")
        return cleaned


class HoursInline(admin.TabularInline):  # type: ignore[type-arg]
    model = OpeningHours
    formset = HoursFormSet
    formfield_overrides = AS_TYPED
    extra = 0


class ExceptionInline(admin.TabularInline):  # type: ignore[type-arg]
    model = CalendarException
    form = ExceptionForm
    formset = ExceptionsFormSet
    formfield_overrides = AS_TYPED
    extra = 0


class VersionInline(admin.TabularInline):  # type: ignore[type-arg]
    """Append-only: shown, never changed."""

    model = CalendarVersion
    fields = ["number", "effective_at", "made_by"]
    readonly_fields = ["number", "effective_at", "made_by"]
    ordering = ["-number"]
    extra = 0
    can_delete = False
    verbose_name_plural = "versions"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Calendar)
class CalendarAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "time_zone", "opens", "exceptions_count"]
    search_fields = ["name"]
    inlines = [HoursInline, ExceptionInline, VersionInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Calendar]:
        rows: QuerySet[Calendar] = (
            super().get_queryset(request).annotate(special=Count("exceptions"))
        )
        return rows.prefetch_related("hours")

    @admin.display(description="Open")
    def opens(self, calendar: Calendar) -> str:
        return sentences.opens(calendar)

    @admin.display(description="Special dates")
    def exceptions_count(self, calendar: Calendar) -> int:
        return int(getattr(calendar, "special", 0))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        version = publishing.publish_calendar(
            calendar=form.instance, now=timezone.now(), actor=request.user  # type: ignore[arg-type]
        )  # fmt: skip
        if version and version.number > 1:
            messages.info(
                request,
                f"Version {version.number} counts from now on. Running deadlines move with the "
                "next sweep; what was missed already stays missed.",
            )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deadlines that run count by it: it stays while any version names it."""
        if obj is not None and _is_named(obj):
            return False
        return super().has_delete_permission(request, obj)


def _is_named(calendar: Calendar) -> bool:
    policies = PolicyVersion.objects.values_list("spec__targets", flat=True)
    paths = PathVersion.objects.values_list("spec__steps", flat=True)
    return any(
        part["calendar"] == calendar.pk for parts in (*policies, *paths) for part in parts or []
    )


def _kept(formset: BaseInlineFormSet) -> list[forms.ModelForm]:  # type: ignore[type-arg]
    return [
        form for form in formset.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")
    ]


def _fields(form: forms.ModelForm, *names: str) -> dict[str, Any]:  # type: ignore[type-arg]
    return {name: form.cleaned_data.get(name) for name in names}


def _refuse(found: list[CalendarError]) -> None:
    if found:
        raise ValidationError([problem.message for problem in found])
