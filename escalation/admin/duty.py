"""When a team is at work, chosen among the calendars."""

from __future__ import annotations

from django.contrib import admin

from escalation.models import TeamHours
from tickets.configuring import PickingAdmin


@admin.register(TeamHours)
class TeamHoursAdmin(PickingAdmin, admin.ModelAdmin[TeamHours]):
    list_display = ["team", "calendar", "what_it_does"]
    list_select_related = ["team", "calendar"]
    autocomplete_fields = ["team", "calendar"]

    @admin.display(description="What it does")
    def what_it_does(self, row: TeamHours) -> str:
        return (
            f"Outside {row.calendar} nobody of {row.team} is given a ticket by itself; "
            "what comes meanwhile waits until it opens."
        )
