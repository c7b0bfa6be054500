"""Customers, what they bought, exchange rates, tiers and products in the admin."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from tickets.configuring import PickingAdmin
from tickets.numerals import PLAIN_DIGITS
from tickets.people.models import Contact, ExchangeRate, Order, Organization, Product, System, Tier
from tickets.people.noting import remember


class NotedAdmin(admin.ModelAdmin[Any]):
    """Notes changed here are remembered like those changed at the desk."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with transaction.atomic():
            if "notes" in form.changed_data:
                remember(row=obj, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
            super().save_model(request, obj, form, change)


class SystemInline(admin.TabularInline[System, Organization]):
    model = System
    extra = 0


@admin.register(Organization)
class OrganizationAdmin(NotedAdmin, PickingAdmin, admin.ModelAdmin[Organization]):
    list_display = ["name", "tier", "responsible"]
    list_filter = ["tier"]
    list_select_related = ["tier", "responsible"]
    search_fields = ["name"]
    autocomplete_fields = ["responsible"]
    readonly_fields = ["notes_at", "notes_by"]
    inlines = [SystemInline]


@admin.register(Contact)
class ContactAdmin(NotedAdmin, PickingAdmin, admin.ModelAdmin[Contact]):
    list_display = ["display_name", "email", "phone", "organization", "tier"]
    list_filter = ["tier"]
    list_select_related = ["organization", "tier"]
    search_fields = ["name", "email", "phone"]
    autocomplete_fields = ["organization", "responsible"]
    filter_horizontal = ["products"]
    readonly_fields = ["first_seen_at", "notes_at", "notes_by"]
    show_full_result_count = False


@admin.register(Order)
class OrderAdmin(PickingAdmin, admin.ModelAdmin[Order]):
    formfield_overrides = PLAIN_DIGITS
    list_display = ["number", "contact", "amount", "currency", "placed_at"]
    list_filter = ["currency"]
    list_select_related = ["contact"]
    search_fields = ["number", "contact__email", "contact__name"]
    autocomplete_fields = ["contact"]
    show_full_result_count = False


@admin.register(ExchangeRate)
class ExchangeRateAdmin(admin.ModelAdmin[ExchangeRate]):
    formfield_overrides = PLAIN_DIGITS
    list_display = ["currency", "rate", "valid_from"]
    list_filter = ["currency"]
    date_hierarchy = "valid_from"


@admin.register(Tier)
class TierAdmin(admin.ModelAdmin[Tier]):
    formfield_overrides = PLAIN_DIGITS
    list_display = ["name", "rank"]


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin[Product]):
    list_display = ["name"]
    search_fields = ["name"]
