"""Climbs up a chain of authority: what started each, how far it got, who was told."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from escalation.models.clocks import Clock
from escalation.models.paths import PathVersion
from escalation.models.rules import Rule
from tickets.constraints import one_of
from tickets.models import Ticket


class Escalation(models.Model):
    """One climb. ``next_step_at`` is when the next level, or a repeat, is to be told."""

    class Trigger(models.TextChoices):
        WARNING = "warning", "A deadline comes near"
        BREACH = "breach", "A deadline was missed"
        RULE = "rule", "A rule fired"
        FLAG = "flag", "Flagged for a person"
        HAND_OVER = "hand_over", "Handed to a supervisor"
        TAKE_OVER = "take_over", "Taken over by a supervisor"

    class State(models.TextChoices):
        OPEN = "open", "Waiting for an answer"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        TAKEN_OVER = "taken_over", "Taken over"
        ENDED = "ended", "Ended"

    UNDER_WAY = (State.OPEN, State.ACKNOWLEDGED, State.TAKEN_OVER)

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="escalations")
    trigger = models.CharField(max_length=10, choices=Trigger.choices)
    clock = models.ForeignKey(
        Clock, models.CASCADE, null=True, blank=True, related_name="escalations"
    )
    rule = models.ForeignKey(Rule, models.SET_NULL, null=True, blank=True, related_name="+")
    # What makes this climb the only one of its kind on its ticket: the clock, the rule, the order.
    key = models.CharField(max_length=120)
    path_version = models.ForeignKey(
        PathVersion, models.SET_NULL, null=True, blank=True, related_name="escalations",
        help_text="Empty: the built-in chain, supervisors and then administrators.",
    )  # fmt: skip
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    level = models.PositiveSmallIntegerField(default=0)
    because = models.TextField()
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    next_step_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    taken_over_at = models.DateTimeField(null=True, blank=True)
    taken_over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    taken_from = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.TextField(blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    parked_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    class Meta:
        ordering = ["-started_at", "-pk"]
        indexes = [
            # The list over all tickets: without it, every page gathers and sorts them all.
            models.Index(fields=["-started_at", "-id"], name="escalation_started"),
            models.Index(
                fields=["next_step_at", "id"],
                name="escalation_due",
                condition=Q(next_step_at__isnull=False),
            ),
            # The board, in its order: it reads no further than it shows.
            models.Index(
                fields=["next_step_at", "started_at", "id"],
                name="escalation_under_way",
                condition=~Q(state="ended"),
            ),
            models.Index(
                fields=["parked_at"], name="escalation_parked", condition=Q(parked_at__isnull=False)
            ),
        ]
        constraints = [
            one_of(
                "trigger",
                ["warning", "breach", "rule", "flag", "hand_over", "take_over"],
                "escalation_trigger_known",
                "Nothing of this kind starts an escalation.",
            ),
            models.UniqueConstraint(
                fields=["ticket", "trigger", "key"],
                name="one_climb_per_cause",
                violation_error_message="This ticket has been escalated for this already.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "acknowledged", "taken_over", "ended"]),
                name="escalation_state_known",
                violation_error_message="An escalation has no such state.",
            ),
            models.CheckConstraint(
                condition=Q(state="open") | Q(next_step_at__isnull=True),
                name="only_open_escalations_climb",
                violation_error_message="Only an open escalation has a next step.",
            ),
        ]

    @property
    def is_under_way(self) -> bool:
        return self.state in self.UNDER_WAY

    def __str__(self) -> str:
        return f"{self.get_trigger_display()} on {self.ticket_id}, level {self.level}"


class EscalationStep(models.Model):
    """One telling: once per climb, level and repeat. ``told`` lists who, as id and name."""

    escalation = models.ForeignKey(Escalation, models.CASCADE, related_name="steps")
    level = models.PositiveSmallIntegerField()
    repeat = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField(help_text="When it was due.")
    acted_at = models.DateTimeField()
    passed_over = models.BooleanField(
        default=False, help_text="Recorded but not sent: a higher level was due already."
    )
    told = models.JSONField(default=list, blank=True)
    remark = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "level", "repeat", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["escalation", "level", "repeat"],
                name="told_once_per_level_and_repeat",
                violation_error_message="This level has been told already.",
            )
        ]

    @property
    def told_names(self) -> list[str]:
        return [person["name"] for person in self.told]

    def __str__(self) -> str:
        return f"Level {self.level} of {self.escalation_id}"
