"""Clocks and escalations in the admin: to be looked at, and to be tried again once parked."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from escalation.models import Clock, Escalation
from escalation.models.clocks import LIVE


class ParkedFilter(admin.SimpleListFilter):
    title = "set aside"
    parameter_name = "parked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "set aside after failing")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(parked_at__isnull=False) if self.value() else queryset


class LookOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that the sweep owns: nobody edits them by hand."""

    actions = ["try_again"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [field.name for field in self.model._meta.fields]

    @admin.action(description="Try the ones set aside again", permissions=["change"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        states = [*LIVE, Escalation.State.OPEN]
        count = queryset.filter(parked_at__isnull=False, state__in=states).update(
            parked_at=None, failures=0, next_step_at=timezone.now()
        )
        messages.success(request, f"{count} will be tried by the next sweep.")


@admin.register(Clock)
class ClockAdmin(LookOnly):
    list_display = ["ticket", "metric", "cycle", "state", "due_at", "next_step_at", "last_error"]
    list_filter = [ParkedFilter, "metric", "state"]
    list_select_related = ["ticket"]
    search_fields = ["ticket__reference"]


@admin.register(Escalation)
class EscalationAdmin(LookOnly):
    list_display = [
        "ticket",
        "trigger",
        "state",
        "level",
        "started_at",
        "next_step_at",
        "last_error",
    ]
    list_filter = [ParkedFilter, "trigger", "state"]
    list_select_related = ["ticket"]
    search_fields = ["ticket__reference"]
