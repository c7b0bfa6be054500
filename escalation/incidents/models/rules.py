"""When an incident gets worse by itself: from whom it hits and from the promises it endangers."""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from escalation.incidents.models.incidents import Incident
from escalation.incidents.models.severities import Severity
from tickets.constraints import one_of
from tickets.people.models import Tier


class SeverityRule(models.Model):
    """Raises an open incident to ``severity`` once ``measure`` reaches ``at_least``; never lowers it."""

    class Measure(models.TextChoices):
        TICKETS = "tickets", "linked tickets that are open"
        CUSTOMERS = "customers", "customers with linked tickets"
        TIER = "tier", "such customers of this tier or a better one"
        LATE = "late", "linked tickets with a promise broken"
        SOON = "soon", "linked tickets with a promise to break within the hour"

    measure = models.CharField("when so many", max_length=9, choices=Measure.choices)
    tier = models.ForeignKey(Tier, models.PROTECT, null=True, blank=True, related_name="+")
    at_least = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    severity = models.PositiveSmallIntegerField(
        "it becomes",
        choices=[(each.value, each.label) for each in (Severity.MAJOR, Severity.CRITICAL)],
    )
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["severity", "measure", "pk"]
        constraints = [
            one_of(
                "measure",
                ["tickets", "customers", "tier", "late", "soon"],
                "severity_rule_measure_known",
                "Nothing of this kind is counted.",
            ),
            models.CheckConstraint(
                condition=Q(severity__gte=2, severity__lte=3),
                name="severity_rule_raises",
                violation_error_message="A rule raises to major or to critical.",
            ),
            models.CheckConstraint(
                condition=Q(at_least__gte=1),
                name="severity_rule_counts_something",
                violation_error_message="A rule counts from one on.",
            ),
            models.CheckConstraint(
                condition=Q(measure="tier", tier__isnull=False)
                | (~Q(measure="tier") & Q(tier__isnull=True)),
                name="severity_rule_tier_where_counted",
                violation_error_message="Name a tier where customers of a tier are counted, and only there.",
            ),
        ]

    def clean(self) -> None:
        if (self.measure == self.Measure.TIER) != (self.tier is not None):
            raise ValidationError(
                {"tier": "Name a tier where customers of a tier are counted, and only there."}
            )

    @property
    def counted(self) -> str:
        """What is counted, in words: «customers with linked tickets»."""
        if self.tier:
            return f"customers of tier {self.tier} or better with linked tickets"
        return self.get_measure_display()

    def __str__(self) -> str:
        return f"{self.get_severity_display()} from {self.at_least} {self.counted} on"


class RaisedSeverity(models.Model):
    """A rule is used up on an incident: it has raised it, or was reached when a person lowered it."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="raised")
    rule = models.ForeignKey(SeverityRule, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "rule"],
                name="rule_raises_an_incident_once",
                violation_error_message="This rule has raised the incident already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} on INC-{self.incident_id}"
