"""Offers for the admin: situations, offers with their authorities, budgets, and the ledger to read."""

from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from kb.offers.models import Authority, Budget, Grant, LedgerEntry, Offer, Situation
from kb.scripts.forms import FIELDS
from tickets.configuring import PickingAdmin
from tickets.numerals import PLAIN_DIGITS
from tickets.people.models import User
from tickets.people.money import to_base

WORDS = (
    f"What the customer is told. Fields that are filled in: {FIELDS}; what was given, such as "
    "25.00 USD: {amount}; its order, as «part of …» where it is only a part: {order_part}"
)


class AuthorityInline(admin.TabularInline[Authority, Offer]):
    model = Authority
    formfield_overrides = PLAIN_DIGITS
    extra = 0


@admin.register(Offer)
class OfferAdmin(PickingAdmin, admin.ModelAdmin[Offer]):
    formfield_overrides = PLAIN_DIGITS
    list_display = ("name", "says", "who_may", "when", "active")
    list_filter = ("kind", "active")
    filter_horizontal = ("situations",)
    inlines = (AuthorityInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Offer]:
        return super().get_queryset(request).prefetch_related("authorities", "situations")

    def get_readonly_fields(self, request: HttpRequest, obj: Offer | None = None) -> list[str]:
        """How it is counted stays, once it was given: limits and months add up what was given."""
        given = bool(obj) and Grant.objects.filter(offer=obj).exists()
        return ["kind", "unit", "currency"] if given else []

    def get_form(
        self, request: HttpRequest, obj: Offer | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        kwargs["help_texts"] = {"words": WORDS}
        if obj and (hint := _missing_rate(obj)):
            kwargs["help_texts"]["currency"] = hint
        return super().get_form(request, obj, change, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        offer = form.instance
        for warning in filter(None, (_nobody_may_give(offer), _missing_rate(offer))):
            messages.warning(request, warning)

    @admin.display(description="What")
    def says(self, offer: Offer) -> str:
        return offer.span

    @admin.display(description="By whose authority")
    def who_may(self, offer: Offer) -> str:
        return (
            "; ".join(
                f"{each.get_role_display()} up to {offer.counted(each.most)}"
                for each in offer.authorities.all()
            )
            or "nobody"
        )

    @admin.display(description="When")
    def when(self, offer: Offer) -> str:
        return ", ".join(each.name for each in offer.situations.all()) or "never"


def _nobody_may_give(offer: Offer) -> str:
    """A warning where no authority reaches the least of it, or nobody here has its role."""
    a_month = Q(most_a_month=None) | Q(most_a_month__gte=offer.least)
    enough = Authority.objects.filter(a_month, offer=offer, most__gte=offer.least)
    if User.objects.filter(is_active=True, role__in=enough.values("role")).exists():
        return ""
    least = offer.counted(offer.least)
    return f"Nobody may give {offer}: no authority of anybody here reaches its least, {least}."


def _missing_rate(offer: Offer) -> str:
    """A warning where what it costs cannot be told today."""
    currency, today = offer.currency, timezone.now().date()
    if offer.unit != Offer.Unit.MONEY or to_base(Decimal(1), currency, today) is not None:
        return ""
    return f"No exchange rate is known for {currency}: until one is entered, nobody can give it."


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
    list_select_related = ("team",)

    def get_readonly_fields(self, request: HttpRequest, obj: Budget | None = None) -> list[str]:
        """What was spent, was spent by this team in this month."""
        return ["team", "month", "spent"] if obj else ["spent"]

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Budget | None:
        """Held while it is saved: a grant at the same moment must not be forgotten."""
        found = super().get_object(request, object_id, from_field)
        if found is None or request.method != "POST":
            return found
        return Budget.objects.select_for_update().filter(pk=found.pk).first()


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
