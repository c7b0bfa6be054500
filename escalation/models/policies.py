"""Response schedules: for which tickets, which promises."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from escalation.models.calendars import Calendar
from escalation.models.paths import Path
from escalation.sla.values import Metric
from tickets.constraints import one_of
from tickets.models import Category, Tag, Ticket
from tickets.people.models import Team, Tier

METRIC_CHOICES = [
    (Metric.FIRST_REPLY.value, "First reply"),
    (Metric.NEXT_REPLY.value, "Next reply"),
    (Metric.UPDATE.value, "Update"),
    (Metric.RESOLUTION.value, "Resolution"),
    (Metric.CALLBACK.value, "Callback"),
    (Metric.EXPERT_ANSWER.value, "Expert's answer"),
]


class Policy(models.Model):
    """Conditions and promises; the first policy in order that fits a ticket wins.

    An empty condition fits every ticket. Exactly one policy is the fallback: it has no condition
    and comes last.
    """

    name = models.CharField(max_length=80, unique=True)
    order = models.PositiveSmallIntegerField(default=100, help_text="The lowest is asked first.")
    active = models.BooleanField(default=True)
    is_fallback = models.BooleanField("fallback", default=False)
    natures = models.JSONField("kinds of matter", default=list, blank=True)
    categories = models.ManyToManyField(Category, blank=True, related_name="+")
    channels = models.JSONField(default=list, blank=True)
    tiers = models.ManyToManyField(Tier, blank=True, related_name="+")
    priorities = models.JSONField(default=list, blank=True)
    teams = models.ManyToManyField(Team, blank=True, related_name="+")
    tags = models.ManyToManyField(Tag, blank=True, related_name="+")

    class Meta:
        ordering = ["is_fallback", "order", "pk"]
        verbose_name = "response schedule"
        verbose_name_plural = "response schedules"
        constraints = [
            models.UniqueConstraint(
                fields=["is_fallback"],
                condition=Q(is_fallback=True),
                name="one_fallback_policy",
                violation_error_message="Another schedule is the fallback already.",
            ),
            models.CheckConstraint(
                condition=Q(is_fallback=False) | Q(active=True),
                name="fallback_policy_active",
                violation_error_message="The fallback holds for every other ticket; it stays on.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Target(models.Model):
    """What one metric owes at one priority, or at any; without a duration nothing is promised."""

    policy = models.ForeignKey(Policy, models.CASCADE, related_name="targets")
    metric = models.CharField(max_length=16, choices=METRIC_CHOICES)
    priority = models.CharField(
        max_length=8, choices=[("", "any priority"), *Ticket.Priority.choices], blank=True
    )
    duration = models.DurationField(
        "within", null=True, blank=True, help_text="Such as 30 min, 24 h, 2 days; empty: no target."
    )
    calendar = models.ForeignKey(
        Calendar, models.PROTECT, null=True, blank=True, related_name="+",
        help_text="Counts its open hours only; empty: by the clock on the wall.",
    )  # fmt: skip
    warnings = models.CharField(
        "warn at", max_length=120, blank=True, help_text="Such as 75%, 30 min before."
    )
    path = models.ForeignKey(
        Path, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="when missed",
    )  # fmt: skip
    warning_path = models.ForeignKey(
        Path, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="when warned",
    )  # fmt: skip
    pause_on = models.JSONField("paused while", default=list, blank=True)
    attempts = models.PositiveSmallIntegerField(
        "calls that count", default=0, validators=[MaxValueValidator(20)],
        help_text="So many unanswered calls keep a callback; 0: only reaching the customer does.",
    )  # fmt: skip

    class Meta:
        ordering = ["policy", "pk"]
        constraints = [
            one_of(
                "metric",
                [metric.value for metric in Metric],
                "target_metric_known",
                "There is no clock of this kind.",
            ),
            one_of(
                "priority",
                ["", *Ticket.Priority.values],
                "target_priority_known",
                "A ticket has no such priority.",
            ),
            models.UniqueConstraint(
                fields=["policy", "metric", "priority"],
                name="one_target_per_metric",
                violation_error_message="This schedule has a target for this clock at this priority already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_metric_display()} of {self.policy}"


class PolicyVersion(models.Model):
    """Append-only: a policy as it once was; running clocks keep the one they started under."""

    policy = models.ForeignKey(Policy, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    spec = models.JSONField()

    class Meta:
        ordering = ["policy", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "number"],
                name="policy_version_once",
                violation_error_message="This schedule has a version of this number already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.policy} version {self.number}"
