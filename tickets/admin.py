"""Categories and tags to configure; tickets to read. A ticket changes only through the services."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from tickets.configuring import OneDefaultAdmin, PickingAdmin
from tickets.models import Category, Tag, TakenList, Ticket, TicketEvent
from tickets.querysets import TicketQuerySet
from tickets.references import normalise

_MOST_EVENTS = 200


class CappedPaginator(Paginator[Any]):
    """Counts no further than a person pages, so that a million rows cost nothing."""

    most = 5_000

    @property
    def count(self) -> int:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return rows.order_by()[: self.most].count()


@admin.register(Category)
class CategoryAdmin(OneDefaultAdmin, PickingAdmin, admin.ModelAdmin[Category]):
    list_display = ["name", "nature", "team", "is_default"]
    list_filter = ["nature"]
    list_select_related = ["team"]
    search_fields = ["name"]
    autocomplete_fields = ["team"]


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin[Tag]):
    list_display = ["name"]
    search_fields = ["name"]


@admin.register(Ticket)
class TicketAdmin(admin.ModelAdmin[Ticket]):
    """Found by its reference or its customer's address."""

    list_display = ["reference", "subject", "status", "priority", "team", "assignee", "updated_at"]
    list_filter = ["status", "priority"]
    list_select_related = ["team", "assignee"]
    list_per_page = 50
    ordering = ["-updated_at", "-pk"]
    search_fields = ["reference"]
    search_help_text = "A reference such as HD-7K3M9Q, or the customer's whole e-mail address."
    show_full_result_count = False
    paginator = CappedPaginator
    exclude = ["followers"]
    readonly_fields = ["history"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Ticket | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Ticket | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> TicketQuerySet:
        """The one door counts here too: staff without a reason see no ticket."""
        return Ticket.objects.visible_to(request.user)  # type: ignore[arg-type]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Ticket], search_term: str
    ) -> tuple[QuerySet[Ticket], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        by_reference = Q(reference=normalise(term) or "")
        return queryset.filter(by_reference | Q(requester__email=term.lower())), False

    @admin.display(description="History")
    def history(self, ticket: Ticket) -> SafeString:
        """The latest events, the newest first."""
        events = TicketEvent.objects.filter(ticket=ticket).select_related("actor")
        rows = (
            (f"{localtime(event.at):%Y-%m-%d %H:%M:%S}", event.get_kind_display(),
             event.actor.name if event.actor else "–", _details(event))
            for event in events.order_by("-at", "-pk")[:_MOST_EVENTS]
        )  # fmt: skip
        return format_html_join("", "<div>{} · {} · {} {}</div>", rows)


def _details(event: TicketEvent) -> str:
    said = [
        f"{key}: {_plain(key, value)}"
        for key, value in event.data.items()
        if value not in (None, "", [])
    ]
    return f"({', '.join(said)})" if said else ""


def _plain(key: str, value: object) -> object:
    """Instants as the history's own, in the reader's zone and to the second."""
    if not key.endswith("_at"):
        return value
    return f"{localtime(datetime.fromisoformat(str(value))):%Y-%m-%d %H:%M:%S}"


@admin.register(TakenList)
class TakenListAdmin(admin.ModelAdmin[TakenList]):
    """What left the desk as a file; to read."""

    list_display = ["taken_at", "user", "rows", "query"]
    list_select_related = ["user"]
    search_fields = ["user__username", "user__last_name"]
    date_hierarchy = "taken_at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: TakenList | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: TakenList | None = None) -> bool:
        return False
