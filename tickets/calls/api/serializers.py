"""Shapes of calls, holds and promised calls; read and write are different shapes on purpose."""

from typing import Any

from rest_framework import serializers

from tickets.api.fields import ContactSerializer, IdField, RowField, StaffSerializer
from tickets.calls.models import LONGEST_BECAUSE, Call, Callback, Hold
from tickets.people.models import Contact

MAX_SUMMARY = 10_000


def contacts() -> Any:
    return Contact.objects.order_by("pk")


class HoldSerializer(serializers.ModelSerializer[Hold]):
    class Meta:
        model = Hold
        fields = ["started_at", "back_at", "ended_at", "because"]
        read_only_fields = fields
        extra_kwargs = {"back_at": {"help_text": "When the caller was told that we are back."}}


class CallSerializer(serializers.ModelSerializer[Call]):
    """A call; ``ended_at`` is null while it is under way."""

    ticket = serializers.CharField(source="ticket.reference", default=None, read_only=True,
                                   allow_null=True)  # fmt: skip
    contact = ContactSerializer(read_only=True, allow_null=True)
    agent = StaffSerializer(read_only=True, allow_null=True)
    holds = HoldSerializer(many=True, read_only=True)
    outcome = serializers.CharField(
        read_only=True,
        help_text="reached, no_answer, voicemail, busy, cut_off or wrong; empty while under way.",
    )
    callback = serializers.IntegerField(source="callback_id", read_only=True, allow_null=True)

    class Meta:
        model = Call
        fields = [
            "id", "ticket", "contact", "number", "direction", "outcome", "started_at", "ended_at",
            "summary", "agent", "callback", "passed_to", "holds",
        ]  # fmt: skip
        read_only_fields = fields


class CallbackSerializer(serializers.ModelSerializer[Callback]):
    """A call that we owe; ``expected_at`` is its deadline, promised or by the schedule."""

    ticket = serializers.CharField(source="ticket.reference", read_only=True)
    contact = ContactSerializer(source="whom", read_only=True)
    number = serializers.CharField(source="number_to_call", read_only=True)
    promised_by = StaffSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Callback
        fields = [
            "id", "ticket", "contact", "number", "because", "due_at", "expected_at", "promised_at",
            "promised_by",
        ]  # fmt: skip
        read_only_fields = fields


class BeginSerializer(serializers.Serializer[Any]):
    """All but the direction may be learned while one speaks."""

    direction = serializers.ChoiceField(choices=Call.Direction.choices)
    ticket = serializers.CharField(max_length=20, required=False, default="")
    contact = RowField(queryset=contacts(), required=False, default=None, allow_null=True)
    number = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    callback = IdField(
        required=False, default=None, allow_null=True,
        help_text="The promise on that ticket that the call is made for.",
    )  # fmt: skip


class HoldingSerializer(serializers.Serializer[Any]):
    seconds = serializers.IntegerField(
        min_value=5, max_value=1800, required=False, default=60,
        help_text="What the caller was told: so long, and we are back.",
    )  # fmt: skip
    because = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class AttachSerializer(serializers.Serializer[Any]):
    ticket = serializers.CharField(max_length=20)


class PromiseSerializer(serializers.Serializer[Any]):
    """A call that was promised; without ``due_at`` the response schedule says by when."""

    due_at = serializers.DateTimeField(required=False, default=None, allow_null=True)
    because = serializers.CharField(max_length=LONGEST_BECAUSE)
    number = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)


class FinishSerializer(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(choices=Call.Outcome.choices)
    summary = serializers.CharField(
        max_length=MAX_SUMMARY, required=False, default=None, allow_blank=True, allow_null=True,
        help_text="Left out, what was written while the call lasted.",
    )  # fmt: skip
    ended_at = serializers.DateTimeField(
        required=False, default=None, allow_null=True,
        help_text="Needed of a call that has been under way for hours.",
    )  # fmt: skip
    promise = PromiseSerializer(required=False, default=None, allow_null=True)


class WithdrawSerializer(serializers.Serializer[Any]):
    because = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
