"""Outgoing mail for the admin: read it, see what failed and why, send the dead again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from tickets.outbox import services
from tickets.outbox.models import Delivery, OutgoingMail

SHOWN = 3
WORDS = ("text", "html", "headers")


class TroubleFilter(admin.SimpleListFilter):
    """A mail that reached one recipient may still be undeliverable to another."""

    title = "trouble"
    parameter_name = "trouble"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("dead", "A recipient was given up"),
            ("failing", "Tried in vain, will be tried again"),
            ("untold", "Its ticket does not know yet"),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[OutgoingMail]
    ) -> QuerySet[OutgoingMail]:
        rows = Delivery.objects.filter(mail=OuterRef("pk"))
        if self.value() == "dead":
            return queryset.filter(Exists(rows.filter(state=Delivery.State.DEAD)))
        if self.value() == "failing":
            pending = rows.filter(state__in=[Delivery.State.WAITING, Delivery.State.SENDING])
            return queryset.filter(Exists(pending.exclude(last_error="")))
        if self.value() == "untold":
            return queryset.filter(announce_at__isnull=False)
        return queryset


class DeliveryInline(admin.TabularInline[Delivery, OutgoingMail]):
    model = Delivery
    fields = readonly_fields = (
        "email",
        "kind",
        "state",
        "tries",
        "next_try_at",
        "sent_at",
        "last_error",
    )
    extra = 0
    can_delete = False
    verbose_name_plural = "recipients"

    def has_add_permission(self, request: HttpRequest, obj: OutgoingMail | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: OutgoingMail | None = None) -> bool:
        return False


@admin.register(OutgoingMail)
class OutgoingMailAdmin(admin.ModelAdmin[OutgoingMail]):
    list_display = (
        "subject", "purpose", "state", "recipients", "trouble", "release_at", "sent_at",
    )  # fmt: skip
    list_filter = ("state", TroubleFilter, "purpose")
    search_fields = ("subject", "deliveries__email", "message_id")
    ordering = ("-pk",)
    list_per_page = 50
    show_full_result_count = False
    inlines = (DeliveryInline,)
    actions = ("send_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutgoingMail]:
        return super().get_queryset(request).prefetch_related("deliveries")

    def get_exclude(
        self, request: HttpRequest, obj: OutgoingMail | None = None
    ) -> tuple[str, ...] | None:
        """Who reads a password's mail has the account: not even a superuser sees it here."""
        return WORDS if obj and obj.purpose == OutgoingMail.Purpose.ACCOUNT else None

    @admin.display(description="To")
    def recipients(self, mail: OutgoingMail) -> str:
        addresses = [row.email for row in mail.deliveries.all()]
        more = f" and {len(addresses) - SHOWN} more" if len(addresses) > SHOWN else ""
        return ", ".join(addresses[:SHOWN]) + more if addresses else "nobody"

    @admin.display(description="Last trouble")
    def trouble(self, mail: OutgoingMail) -> str:
        errors = [row.last_error for row in mail.deliveries.all() if row.last_error]
        return errors[0][:120] if errors else ""

    @admin.action(
        description="Send again to recipients that were given up", permissions=["send_again"]
    )
    def send_again(self, request: HttpRequest, mails: QuerySet[OutgoingMail]) -> None:
        now = timezone.now()
        again = sum(services.resend(mail=mail, now=now) for mail in mails)
        if again:
            messages.success(request, f"{again} deliveries will be tried again.")
        else:
            messages.warning(request, "None of these has a recipient that was given up.")

    def has_send_again_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("outbox.change_outgoingmail"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: OutgoingMail | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: OutgoingMail | None = None) -> bool:
        return False
