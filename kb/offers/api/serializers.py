"""Shapes of offers that fit a ticket, and of grants."""

import uuid
from typing import Any

from rest_framework import serializers

from kb.offers.models import Grant, Offer
from tickets.api.fields import AmountField, RowField, StaffSerializer


def _amount(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=12, decimal_places=2, read_only=True, **options)


class OfferSerializer(serializers.ModelSerializer[Offer]):
    class Meta:
        model = Offer
        fields = ["id", "name", "unit", "currency", "least", "most"]
        read_only_fields = fields


class OptionSerializer(serializers.Serializer[Any]):
    """An offer that fits the ticket: why, and how much of it you may give by yourself now."""

    offer = OfferSerializer(read_only=True)
    reason = serializers.CharField(read_only=True)
    limit = _amount(help_text="By yourself, now; zero: only with approval.")
    most = _amount(help_text="By anybody.")
    needs_approval_by = serializers.CharField(read_only=True)
    words = serializers.CharField(read_only=True, help_text="For the reply, filled in.")
    grant = serializers.IntegerField(
        source="living.pk", read_only=True, default=None, allow_null=True,
        help_text="The grant that lives on this ticket already, asked for or given.",
    )  # fmt: skip


class GrantSerializer(serializers.ModelSerializer[Grant]):
    offer = OfferSerializer(read_only=True)
    requested_by = StaffSerializer(read_only=True)
    decided_by = StaffSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Grant
        fields = [
            "id", "offer", "amount", "cost", "state", "key", "reason", "requested_by",
            "requested_at", "decided_by", "decided_at", "decision", "told", "told_at",
        ]  # fmt: skip
        read_only_fields = fields


class WantGrantSerializer(serializers.Serializer[Any]):
    offer = RowField(queryset=Offer.objects.filter(active=True))
    amount = AmountField()
    ask = serializers.BooleanField(
        required=False, default=False,
        help_text="Ask those with the authority instead of granting it yourself.",
    )  # fmt: skip
    reason = serializers.CharField(max_length=200, required=False, default="")
    key = serializers.CharField(
        max_length=80, required=False, default=lambda: uuid.uuid4().hex,
        help_text="Names the request: sent twice, it is granted once.",
    )  # fmt: skip


class DecisionSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200, required=False, default="")


class KnowsSerializer(serializers.Serializer[Any]):
    knows = serializers.BooleanField(
        required=False, default=True, help_text="False: the customer does not know after all."
    )
