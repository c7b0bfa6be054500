"""Shapes of clocks, their explanations, escalations and what people answer to them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from escalation.models import Clock, Escalation, EscalationStep
from escalation.sla.explain import Explanation
from tickets.api.fields import RowField, StaffSerializer, staff

MOST_WORDS = 200  # as escalation.authority takes them: one line


class LineSerializer(serializers.Serializer[Any]):
    """One fact of the account, ready to print; ``seconds`` is what the stretch counted."""

    kind = serializers.CharField(read_only=True)
    at = serializers.DateTimeField(read_only=True)
    until = serializers.DateTimeField(read_only=True, allow_null=True)
    seconds = serializers.SerializerMethodField()
    text = serializers.CharField(read_only=True)

    def get_seconds(self, line: Any) -> float | None:
        return line.amount.total_seconds() if line.amount is not None else None


class ClockSerializer(serializers.ModelSerializer[Clock]):
    explanation = serializers.SerializerMethodField()

    class Meta:
        model = Clock
        fields = [
            "id", "metric", "cycle", "subject", "state", "started_at", "due_at", "next_step_at",
            "breached_at", "detected_at", "satisfied_at", "stopped_at", "explanation",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(LineSerializer(many=True))
    def get_explanation(self, clock: Clock) -> Any:
        """Why this deadline, in the reader's zone."""
        told: dict[int, Explanation] = self.context["told"]
        lines = told[clock.pk].lines if clock.pk in told else ()
        return LineSerializer(lines, many=True).data


class StepSerializer(serializers.ModelSerializer[EscalationStep]):
    told = serializers.ListField(
        child=serializers.CharField(), source="told_names", read_only=True, help_text="Names."
    )

    class Meta:
        model = EscalationStep
        fields = ["level", "repeat", "at", "acted_at", "passed_over", "told", "remark"]
        read_only_fields = fields


class EscalationSerializer(serializers.ModelSerializer[Escalation]):
    ticket = serializers.CharField(source="ticket.reference", read_only=True)
    acknowledged_by = StaffSerializer(read_only=True, allow_null=True)
    taken_over_by = StaffSerializer(read_only=True, allow_null=True)
    steps = StepSerializer(many=True, read_only=True)

    class Meta:
        model = Escalation
        fields = [
            "id", "ticket", "trigger", "state", "level", "because", "started_at", "next_step_at",
            "acknowledged_at", "acknowledged_by", "taken_over_at", "taken_over_by", "ended_at",
            "ended_because", "steps",
        ]  # fmt: skip
        read_only_fields = fields


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=MOST_WORDS)


class NoteSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=MOST_WORDS, required=False, default="")


class HandBackSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=MOST_WORDS)
    to = RowField(
        queryset=staff(), required=False, default=None, allow_null=True,
        help_text="To whom; otherwise to whoever had it.",
    )  # fmt: skip
