"""An incident with the seven answers that everybody asks for, and what was said of it."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from escalation.incidents.models.components import Component
from escalation.incidents.models.severities import HEADLINE, Severity
from escalation.incidents.querysets import IncidentQuerySet, UpdateQuerySet
from tickets.constraints import one_of
from tickets.people.models import Organization, Team

LONGEST_ANSWER, LONGEST_WORDS = 2_000, 300


class Question(NamedTuple):
    """One of the seven: the field that answers it, and how people ask it."""

    field: str
    asked: str


# «When it will be back» is answered by a moment, ``back_at``, and by the words in ``back``.
ANSWERS = (
    Question("happened", "What happened"),
    Question("cause", "What caused it"),
    Question("doing", "What is being done"),
    Question("back", "When it will be back"),
    Question("prevention", "What keeps it from happening again"),
    Question("compensation", "What customers get for it"),
    Question("whom_to_ask", "Whom to ask"),
)


def _answer(asked: str) -> models.TextField[str, str]:
    return models.TextField(asked, max_length=LONGEST_ANSWER, blank=True, default="")


class Incident(models.Model):
    """Something of ours does not work. Open until it is resolved; ``version`` counts the changes.

    It touches who uses a product of its components, whoever belongs to its organisations, and every
    ticket linked to it.
    """

    class State(models.TextChoices):
        INVESTIGATING = "investigating", "Investigating"
        IDENTIFIED = "identified", "Cause known"
        MONITORING = "monitoring", "Repaired, being watched"
        RESOLVED = "resolved", "Resolved"

    title = models.CharField(max_length=160)
    severity = models.PositiveSmallIntegerField(choices=Severity.choices, default=Severity.MAJOR)
    state = models.CharField(max_length=13, choices=State.choices, default=State.INVESTIGATING)
    started_at = models.DateTimeField("since")
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        help_text="Who leads the work on it and speaks for it.",
    )  # fmt: skip
    responders = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, related_name="+",
        help_text="The team that is told at once, and again whenever it gets worse.",
    )  # fmt: skip
    components = models.ManyToManyField(Component, blank=True, related_name="incidents")
    organizations = models.ManyToManyField(
        Organization, blank=True, related_name="+",
        help_text="Customers that it touches whatever they use.",
    )  # fmt: skip
    words = models.CharField(
        max_length=LONGEST_WORDS, blank=True,
        help_text="What customers write when they mean this, with commas between.",
    )  # fmt: skip
    happened = _answer("what happened")
    cause = _answer("what caused it")
    doing = _answer("what is being done")
    back = _answer("when it will be back")
    back_at = models.DateTimeField("expected back", null=True, blank=True)
    prevention = _answer("what keeps it from happening again")
    compensation = _answer("what customers get for it")
    whom_to_ask = _answer("whom to ask")
    published_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        indexes = [
            models.Index(
                fields=["-severity", "-started_at", "-id"],
                name="incident_open",
                condition=Q(resolved_at=None),
            ),
            models.Index(fields=["-resolved_at", "-id"], name="incident_resolved"),
        ]
        constraints = [
            one_of(
                "state",
                ["investigating", "identified", "monitoring", "resolved"],
                "incident_state_known",
                "An incident has no such state.",
            ),
            models.CheckConstraint(
                condition=Q(severity__gte=1, severity__lte=3),
                name="incident_severity_known",
                violation_error_message="There is no such severity.",
            ),
            models.CheckConstraint(
                condition=Q(state="resolved", resolved_at__isnull=False)
                | (~Q(state="resolved") & Q(resolved_at__isnull=True)),
                name="incident_resolved_has_its_moment",
                violation_error_message="What is resolved says since when, and nothing else does.",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True) | Q(resolved_at__gte=F("started_at")),
                name="incident_ends_after_it_began",
                violation_error_message="It cannot be over before it began.",
            ),
        ]

    @property
    def reference(self) -> str:
        return f"INC-{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None

    @property
    def is_headline(self) -> bool:
        """Whether every desk shows it while it is open; a minor one stands in the list of incidents
        and beside the tickets that it touches."""
        return self.severity >= HEADLINE

    @property
    def answers(self) -> list[tuple[str, str]]:
        """The questions that are answered, each with its words."""
        return [(each.asked, text) for each in ANSWERS if (text := getattr(self, each.field))]

    @property
    def unanswered(self) -> list[str]:
        """What people will ask and nobody could tell them; a moment answers «when»."""
        missing = [each for each in ANSWERS if not getattr(self, each.field)]
        return [each.asked for each in missing if not (each.field == "back" and self.back_at)]

    def get_absolute_url(self) -> str:
        return reverse("incident", args=[self.pk])

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"


class Update(models.Model):
    """Append-only: what was said of an incident, as it stood then. Without an author a rule said it."""

    class Audience(models.TextChoices):
        STAFF = "staff", "Staff only"
        PUBLIC = "public", "Everybody"

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="updates")
    at = models.DateTimeField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    audience = models.CharField(max_length=6, choices=Audience.choices, default=Audience.STAFF)
    state = models.CharField(max_length=13, choices=Incident.State.choices)
    severity = models.PositiveSmallIntegerField(choices=Severity.choices)
    text = models.TextField(max_length=LONGEST_ANSWER)

    objects = UpdateQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["incident", "-at", "-id"], name="incident_update_at")]
        constraints = [
            one_of(
                "audience",
                ["staff", "public"],
                "update_audience_known",
                "There is no such audience.",
            ),
            one_of(
                "state",
                ["investigating", "identified", "monitoring", "resolved"],
                "update_state_known",
                "An incident has no such state.",
            ),
            models.CheckConstraint(
                condition=Q(severity__gte=1, severity__lte=3),
                name="update_severity_known",
                violation_error_message="There is no such severity.",
            ),
        ]

    @property
    def is_public(self) -> bool:
        return self.audience == self.Audience.PUBLIC

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} on INC-{self.incident_id}"
