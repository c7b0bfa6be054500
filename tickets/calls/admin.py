"""The call log for the admin: read only, calls are logged at the desk."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from tickets.calls.models import Call, Callback, Hold


class ReadOnly:
    """What happened is not edited afterwards."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class HoldInline(ReadOnly, admin.TabularInline[Hold, Call]):
    model = Hold
    extra = 0


@admin.register(Call)
class CallAdmin(ReadOnly, admin.ModelAdmin[Call]):
    list_display = ("started_at", "direction", "outcome", "contact", "ticket", "agent", "lasted")
    list_filter = ("direction", "outcome")
    list_select_related = ("contact", "ticket", "agent")
    search_fields = ("contact__name", "contact__email", "ticket__reference", "summary")
    date_hierarchy = "started_at"
    show_full_result_count = False
    inlines = (HoldInline,)

    @admin.display(description="Lasted")
    def lasted(self, call: Call) -> str:
        if call.ended_at is None:
            return "under way"
        minutes, seconds = divmod(int((call.ended_at - call.started_at).total_seconds()), 60)
        return f"{minutes} min {seconds} s"


@admin.register(Callback)
class CallbackAdmin(ReadOnly, admin.ModelAdmin[Callback]):
    list_display = ("ticket", "state", "because", "due_at", "promised_at", "promised_by_whom")
    list_filter = ("state",)
    list_select_related = ("ticket", "promised_by")
    search_fields = ("ticket__reference", "because")
    show_full_result_count = False

    @admin.display(description="Promised by")
    def promised_by_whom(self, callback: Callback) -> str:
        return callback.promised_by.name if callback.promised_by else "policy"
