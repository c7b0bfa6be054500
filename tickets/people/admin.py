"""Staff, teams, customers, orders and exchange rates in the admin."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from tickets.numerals import PLAIN_DIGITS
from tickets.people.models import (
    Contact,
    ExchangeRate,
    Membership,
    Order,
    Organization,
    Product,
    Skill,
    System,
    Team,
    Tier,
    User,
)

admin.site.unregister(Group)  # what people may do follows from their role


class MembershipInline(admin.TabularInline[Membership, Any]):
    model = Membership
    extra = 0
    autocomplete_fields = ["user", "team"]


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User]):
    """Only a superuser hands out roles and admin rights; nobody can raise themselves."""

    list_display = ["username", "first_name", "last_name", "email", "role", "in_teams", "is_active"]
    list_filter = ["role", "is_active", "teams"]
    search_fields = ["username", "first_name", "last_name", "email"]
    filter_horizontal = ["skills"]
    inlines = [MembershipInline]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Person", {"fields": ["first_name", "last_name", "email", "phone", "time_zone", "skills"]}),
        ("Work", {"fields": ["role", "is_active", "is_staff", "is_superuser"],
                  "description": "The role decides which tickets a person sees and what they may "
                                 "do. Staff status opens this admin."}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]  # fmt: skip
    add_fieldsets = [
        (None, {"classes": ["wide"],
                "fields": ["username", "email", "first_name", "last_name", "role", "time_zone",
                           "usable_password", "password1", "password2"]}),
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("memberships__team")

    @admin.display(description="Teams")
    def in_teams(self, user: User) -> str:
        named = (f"{row.team} (leads)" if row.leads else str(row.team)
                 for row in user.memberships.all())  # fmt: skip
        return ", ".join(named) or "–"

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        fields = [*super().get_readonly_fields(request, obj), "last_login", "date_joined"]
        if not request.user.is_superuser:
            fields += ["role", "is_staff", "is_superuser"]
        return fields

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Who may edit a superuser's account (password, address) could become one."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_delete_permission(request, obj)


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin[Team]):
    list_display = ["name", "is_default", "people", "led_by"]
    search_fields = ["name"]
    inlines = [MembershipInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        rows = super().get_queryset(request).annotate(size=Count("memberships"))
        return rows.prefetch_related("memberships__user")

    @admin.display(description="People", ordering="size")
    def people(self, team: Team) -> int:
        return team.size  # type: ignore[attr-defined,no-any-return]

    @admin.display(description="Supervisors")
    def led_by(self, team: Team) -> str:
        return ", ".join(row.user.name for row in team.memberships.all() if row.leads) or "nobody"


class SystemInline(admin.TabularInline[System, Organization]):
    model = System
    extra = 0


@admin.register(Organization)
class OrganizationAdmin(admin.ModelAdmin[Organization]):
    list_display = ["name", "tier", "responsible"]
    list_filter = ["tier"]
    list_select_related = ["tier", "responsible"]
    search_fields = ["name"]
    autocomplete_fields = ["responsible"]
    inlines = [SystemInline]


@admin.register(Contact)
class ContactAdmin(admin.ModelAdmin[Contact]):
    list_display = ["display_name", "email", "phone", "organization", "tier"]
    list_filter = ["tier"]
    list_select_related = ["organization", "tier"]
    search_fields = ["name", "email", "phone"]
    autocomplete_fields = ["organization", "responsible"]
    filter_horizontal = ["products"]
    readonly_fields = ["first_seen_at"]
    show_full_result_count = False


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin[Order]):
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


@admin.register(Product, Skill)
class NamedAdmin(admin.ModelAdmin[Any]):
    list_display = ["name"]
    search_fields = ["name"]
