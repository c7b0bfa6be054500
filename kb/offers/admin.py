"""Offers for the admin: situations, offers with their authorities, budgets, and the ledger to read."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from kb.offers.models import Authority, Budget, Grant, LedgerEntry, Offer, Situation
from tickets.numerals import PLAIN_DIGITS


class AuthorityInline(admin.TabularInline[Authority, Offer]):
    model = Authority
    formfield_overrides = PLAIN_DIGITS
    extra = 0


@admin.register(Offer)
class OfferAdmin(admin.ModelAdmin[Offer]):
    formfield_overrides = PLAIN_DIGITS
    list_display = ("name", "says", "who_may", "when", "active")
    list_filter = ("kind", "active")
    filter_horizontal = ("situations",)
    inlines = (AuthorityInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Offer]:
        return super().get_queryset(request).prefetch_related("authorities", "situations")

    @admin.display(description="What")
    def says(self, offer: Offer) -> str:
        return f"{offer.least} to {offer.most}, {offer.get_unit_display()}"

    @admin.display(description="By whose authority")
    def who_may(self, offer: Offer) -> str:
        return (
            "; ".join(
                f"{each.get_role_display()} up to {each.most}" for each in offer.authorities.all()
            )
            or "nobody"
        )

    @admin.display(description="When")
    def when(self, offer: Offer) -> str:
        return ", ".join(each.name for each in offer.situations.all()) or "never"


@admin.register(Situation)
class SituationAdmin(admin.ModelAdmin[Situation]):
    formfield_overrides = PLAIN_DIGITS
    list_display = ("name", "says")
    list_select_related = ("tier_at_least",)

    @admin.display(description="Holds when")
    def says(self, situation: Situation) -> str:
        parts = []
        if situation.nature:
            parts.append(f"the matter is a {situation.get_nature_display().lower()}")
        if situation.tier_at_least:
            parts.append(f"the tier is {situation.tier_at_least} or better")
        if situation.order_at_least:
            parts.append(f"an order is worth {situation.order_at_least} or more")
        if situation.missed_deadline:
            parts.append("we were late")
        return " and ".join(parts) or "always"


@admin.register(Budget)
class BudgetAdmin(admin.ModelAdmin[Budget]):
    formfield_overrides = PLAIN_DIGITS
    list_display = ("team", "month", "amount", "spent", "left")
    readonly_fields = ("spent",)
    list_select_related = ("team",)


class ReadOnly(admin.ModelAdmin[Any]):
    """Written by services alone."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Grant)
class GrantAdmin(ReadOnly):
    list_display = ("offer", "ticket", "amount", "cost", "state", "requested_by", "decided_by")
    list_filter = ("state", "offer")
    list_select_related = ("offer", "ticket", "requested_by", "decided_by")


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnly):
    list_display = ("at", "grant", "team", "cost", "by", "is_reversal")
    list_select_related = ("grant__offer", "team", "by")
