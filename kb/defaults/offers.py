"""The first situations and offers, with who may give how much."""

from decimal import Decimal
from typing import Any

from django.conf import settings

from kb.offers.models import Authority, Offer, Situation

SITUATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "We were late": ("We missed a promise on this ticket.", {"missed_deadline": True}),
    "Something went wrong": ("Something we sold or did went wrong.", {"nature": "problem"}),
    "A complaint for management": (
        "The customer is unhappy enough to ask for a manager.",
        {"nature": "management"},
    ),
}
# name, kind, unit, least, most, piece value, words, situations, role → most
OFFERS: tuple[tuple[str, str, str, str, str, str | None, str, list[str], dict[str, str]], ...] = (
    (
        "Credit", "credit", "money", "1", "500", None,
        "To make up for it we have put a credit of {amount} on your account.",
        ["We were late", "Something went wrong", "A complaint for management"],
        {"agent": "25", "supervisor": "150", "executive": "500", "admin": "500"},
    ),
    (
        "Discount", "discount", "percent", "5", "40", None,
        "Your next order is cheaper: we have noted a discount of {amount} on your account.",
        ["We were late", "Something went wrong"],
        {"agent": "10", "supervisor": "25", "executive": "40", "admin": "40"},
    ),
    (
        "Refund", "refund", "money", "1", "5000", None,
        "We have refunded {amount} for {order_part}; it shows on your account within a few days.",
        ["Something went wrong", "A complaint for management"],
        {"supervisor": "250", "executive": "5000", "admin": "5000"},
    ),
    (
        "Free gift", "gift", "piece", "1", "2", "15",
        "We have added a small gift to your next parcel.",
        ["We were late", "Something went wrong"],
        {"agent": "1", "supervisor": "2", "executive": "2", "admin": "2"},
    ),
    (
        "Free month", "month", "piece", "1", "3", "12",
        "Your plan runs on for {amount} longer, free of charge.",
        ["We were late", "A complaint for management"],
        {"agent": "1", "supervisor": "3", "executive": "3", "admin": "3"},
    ),
)  # fmt: skip


def install_offers() -> None:
    """Only where no offer exists yet: a company's own list is never mixed with ours."""
    if Offer.objects.exists():
        return
    situations = {
        name: Situation.objects.get_or_create(name=name, defaults={"reason": reason, **conditions})[
            0
        ]
        for name, (reason, conditions) in SITUATIONS.items()
    }
    for name, kind, unit, least, most, piece, words, when, roles in OFFERS:
        offer = Offer.objects.create(
            name=name, kind=kind, unit=unit, least=Decimal(least), most=Decimal(most),
            piece_value=Decimal(piece) if piece else None, words=words,
            currency=settings.BASE_CURRENCY,
        )  # fmt: skip
        offer.situations.set(situations[each] for each in when)
        Authority.objects.bulk_create(
            Authority(offer=offer, role=role, most=Decimal(amount))
            for role, amount in roles.items()
        )
