"""Which tickets need which skill, who is out of office, and what found nobody yet."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from tickets.configuring import PickingAdmin
from tickets.numerals import PLAIN_DIGITS
from tickets.people.models import Absence
from tickets.routing.models import Need, Waiting


@admin.register(Need)
class NeedAdmin(PickingAdmin, admin.ModelAdmin[Need]):
    list_display = ["of_what", "skill", "who_has_it"]
    list_filter = ["skill"]
    list_select_related = ["skill", "category", "tag"]
    autocomplete_fields = ["skill", "category", "tag"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("skill__people")

    @admin.display(description="Who has it")
    def who_has_it(self, need: Need) -> str:
        people = need.skill.people.all()  # type: ignore[attr-defined]
        here = [person.name for person in people if person.is_active]
        return ", ".join(sorted(here)) or "nobody: such tickets stay unassigned"


@admin.register(Waiting)
class WaitingAdmin(admin.ModelAdmin[Waiting]):
    """To be looked at; each is tried again every half minute."""

    list_display = ["ticket", "because", "since", "tried_at"]
    list_select_related = ["ticket"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Waiting | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Waiting | None = None) -> bool:
        return False


@admin.register(Absence)
class AbsenceAdmin(PickingAdmin, admin.ModelAdmin[Absence]):
    formfield_overrides = PLAIN_DIGITS
    list_display = ["user", "starts_at", "ends_at", "deputy", "note"]
    list_select_related = ["user", "deputy"]
    date_hierarchy = "starts_at"
    autocomplete_fields = ["user", "deputy"]
