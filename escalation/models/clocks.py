"""Clocks as they stand: one row per ticket, metric, cycle and subject; and what each has done."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from escalation.models.policies import METRIC_CHOICES, PolicyVersion
from escalation.sla.state import State
from escalation.sla.values import Metric
from tickets.constraints import one_of
from tickets.models import Ticket

STATE_CHOICES = [
    (State.RUNNING.value, "Running"),
    (State.PAUSED.value, "Paused"),
    (State.MET.value, "Met"),
    (State.BREACHED.value, "Late"),
    (State.MET_LATE.value, "Met late"),
    (State.CANCELLED.value, "Cancelled"),
]
# Somebody waits for our answer.
IS_AWAITED = Q(
    metric__in=[Metric.FIRST_REPLY.value, Metric.NEXT_REPLY.value],
    state__in=[State.RUNNING.value, State.BREACHED.value],
)
LIVE = (State.RUNNING.value, State.PAUSED.value, State.BREACHED.value)


class Binding(models.Model):
    """Append-only: which version of which policy was in force for a ticket since when, and why."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="bindings")
    version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="bindings")
    priority = models.CharField(max_length=8, choices=Ticket.Priority.choices)
    at = models.DateTimeField()
    because = models.TextField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["ticket", "at", "id"], name="binding_ticket_at")]
        constraints = [
            one_of(
                "priority",
                Ticket.Priority.values,
                "binding_priority_known",
                "A ticket has no such priority.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} for {self.ticket_id} since {self.at}"


class Clock(models.Model):
    """A replay's answer, stored. ``next_step_at`` is when it must be looked at again.

    A row that fails is set back with growing delay (``failures``) and after a few tries parked:
    it then has no ``next_step_at`` and waits where a supervisor sees it.
    """

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="clocks")
    metric = models.CharField(max_length=16, choices=METRIC_CHOICES)
    cycle = models.PositiveIntegerField(default=1)
    subject = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=STATE_CHOICES)
    version = models.ForeignKey(
        PolicyVersion, models.PROTECT, null=True, blank=True, related_name="clocks",
        help_text="Empty where a promised instant is owed under no policy.",
    )  # fmt: skip
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    next_step_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True)
    detected_at = models.DateTimeField(null=True, blank=True)
    satisfied_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    parked_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    class Meta:
        ordering = ["started_at", "pk"]
        indexes = [
            models.Index(
                fields=["next_step_at", "id"],
                name="clock_due",
                condition=Q(next_step_at__isnull=False),
            ),
            # Who has waited longest for an answer, on every wall.
            models.Index(fields=["started_at", "id"], name="clock_awaited", condition=IS_AWAITED),
            models.Index(
                fields=["parked_at"], name="clock_parked", condition=Q(parked_at__isnull=False)
            ),
        ]
        constraints = [
            one_of(
                "metric",
                [metric.value for metric in Metric],
                "clock_metric_known",
                "There is no clock of this kind.",
            ),
            models.UniqueConstraint(
                fields=["ticket", "metric", "cycle", "subject"],
                name="one_clock_per_cycle",
                violation_error_message="This ticket has this clock already.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in State]),
                name="clock_state_known",
                violation_error_message="A clock has no such state.",
            ),
        ]

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    def __str__(self) -> str:
        return f"{self.get_metric_display()} {self.cycle} of {self.ticket_id}"


class ClockStep(models.Model):
    """What of a clock was acted on: once per clock (and so cycle), kind and key."""

    class Kind(models.TextChoices):
        WARNING = "warning", "Warning"
        BREACH = "breach", "Breach"
        ENDLESS = "endless", "No deadline"

    clock = models.ForeignKey(Clock, models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    key = models.CharField(max_length=24, blank=True)
    at = models.DateTimeField(help_text="The true instant.")
    acted_at = models.DateTimeField(help_text="When the sweep came to it.")

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            one_of(
                "kind",
                ["warning", "breach", "endless"],
                "clock_step_kind_known",
                "A clock has no step of this kind.",
            ),
            models.UniqueConstraint(
                fields=["clock", "kind", "key"],
                name="clock_step_once",
                violation_error_message="This has been acted on already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.key} of {self.clock_id}".replace("  ", " ")
