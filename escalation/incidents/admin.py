"""Incidents in the admin: what can break, when it gets worse, who subscribes; incidents to be read."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from escalation.incidents.models import Component, Incident, SeverityRule, Subscriber, Update
from tickets.configuring import ConflictsInWords, PickingAdmin
from tickets.numerals import PLAIN_DIGITS


@admin.register(Component)
class ComponentAdmin(ConflictsInWords, PickingAdmin, admin.ModelAdmin[Component]):
    formfield_overrides = PLAIN_DIGITS
    list_display = ["name", "order", "is_public", "hang_on_it"]
    list_filter = ["is_public"]
    search_fields = ["name", "description"]
    filter_horizontal = ["products"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Component]:
        return super().get_queryset(request).prefetch_related("products")

    @admin.display(description="Products that need it")
    def hang_on_it(self, component: Component) -> str:
        return ", ".join(each.name for each in component.products.all()) or "none"


class SeverityRuleForm(forms.ModelForm[SeverityRule]):
    def clean(self) -> dict[str, Any]:
        """Two rules of one measure go together: the worse severity needs more."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors or {"measure", "at_least", "severity"} - said.keys():
            return said
        others = SeverityRule.objects.filter(
            active=True, measure=said["measure"], tier=said.get("tier")
        )
        for other in others.exclude(pk=self.instance.pk) if said.get("active") else ():
            self._check_against(other, said["at_least"], said["severity"])
        return said

    @staticmethod
    def _check_against(other: SeverityRule, at_least: int, severity: int) -> None:
        becomes = other.get_severity_display().lower()
        if other.severity == severity:
            raise ValidationError(f"There is such a rule already: «{other}». Change that one.")
        if other.severity > severity and other.at_least <= at_least:
            raise ValidationError(
                f"From {other.at_least} on it is {becomes} already: this rule would do nothing."
            )
        if other.severity < severity and other.at_least >= at_least:
            raise ValidationError(
                f"The rule that makes it {becomes} from {other.at_least} on would do nothing any "
                "more: let this one need more, or change that one first."
            )


@admin.register(SeverityRule)
class SeverityRuleAdmin(admin.ModelAdmin[SeverityRule]):
    form = SeverityRuleForm
    formfield_overrides = PLAIN_DIGITS
    list_display = ["says", "active"]
    list_filter = ["active", "severity"]
    list_select_related = ["tier"]

    @admin.display(description="Rule")
    def says(self, rule: SeverityRule) -> str:
        return str(rule)


class LookOnly(admin.ModelAdmin[Any]):
    """Written by services alone."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Subscriber)
class SubscriberAdmin(LookOnly):
    """Can be taken off the list; onto it everybody comes by themselves, and confirms it."""

    list_display = ["email", "asked_at", "asked", "confirmed_at"]
    list_filter = [("confirmed_at", admin.EmptyFieldListFilter)]
    search_fields = ["email"]
    show_full_result_count = False


class UpdateInline(admin.TabularInline[Update, Incident]):
    model = Update
    fields = ["at", "author", "audience", "state", "severity", "text"]
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Update]:
        return super().get_queryset(request).select_related("author", "incident")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Incident)
class IncidentAdmin(LookOnly):
    """To be read: who leads it speaks for it on the desk, so that everybody is told."""

    list_display = ["reference", "title", "severity", "state", "started_at", "lead", "published_at"]
    list_filter = ["state", "severity", ("published_at", admin.EmptyFieldListFilter)]
    list_select_related = ["lead"]
    search_fields = ["title"]
    inlines = [UpdateInline]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
