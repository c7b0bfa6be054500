"""Escalation paths: who is told, when, and who comes after them."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from escalation.models.calendars import Calendar
from tickets.constraints import one_of
from tickets.people.models import Team, User


class Path(models.Model):
    """A chain of authority. What climbs is a published version of it."""

    class Purpose(models.TextChoices):
        GENERAL = "general", "Started by schedules and rules"
        HAND_OVER = "hand_over", "Started when an agent hands a ticket to a supervisor"
        FLAG = "flag", "Started when a ticket is flagged for a person"

    name = models.CharField(max_length=80, unique=True)
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.GENERAL)
    continues_with = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="continues",
        help_text="Climbed after this path: its delays count from the last telling of this one.",
    )  # fmt: skip

    class Meta:
        ordering = ["name"]
        constraints = [
            one_of(
                "purpose",
                ["general", "hand_over", "flag"],
                "path_purpose_known",
                "A path has no such purpose.",
            ),
            models.UniqueConstraint(
                fields=["purpose"],
                condition=~Q(purpose="general"),
                name="one_path_per_purpose",
                violation_error_message="Another path serves this purpose already; make that one general first.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Step(models.Model):
    """One level: after ``delay`` since the climb began, tell ``who``, and repeat until answered."""

    class Who(models.TextChoices):
        ASSIGNEE = "assignee", "whoever the ticket is assigned to"
        PERSON = "person", "a person"
        TEAM = "team", "everybody in a team"
        SUPERVISORS = "supervisors", "the supervisors of the ticket's team"
        ROLE = "role", "everybody in a role"
        NAMED = "named", "the customer's named person"
        ADMINS = "admins", "the administrators"

    class Channel(models.TextChoices):
        EMAIL = "email", "by e-mail and on the desk"
        DESK = "desk", "on the desk only"

    path = models.ForeignKey(Path, models.CASCADE, related_name="steps")
    level = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    delay = models.DurationField(help_text="After the climb began, such as 0, 15 min or 2 h.")
    calendar = models.ForeignKey(
        Calendar, models.PROTECT, null=True, blank=True, related_name="+",
        help_text="Counts its open hours only; empty: by the clock on the wall.",
    )  # fmt: skip
    who = models.CharField(max_length=12, choices=Who.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    role = models.CharField(max_length=12, choices=User.Role.choices, blank=True)
    channel = models.CharField(max_length=5, choices=Channel.choices, default=Channel.EMAIL)
    repeats = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(50)])
    every = models.DurationField(null=True, blank=True)

    class Meta:
        ordering = ["level", "delay", "pk"]
        constraints = [
            one_of(
                "who",
                ["assignee", "person", "team", "supervisors", "role", "named", "admins"],
                "step_who_known",
                "A level tells nobody of this kind.",
            ),
            one_of(
                "role", ["", *User.Role.values], "step_role_known", "A person has no such role."
            ),
            one_of(
                "channel",
                ["email", "desk"],
                "step_channel_known",
                "People are told by no such way.",
            ),
            models.UniqueConstraint(
                fields=["path", "level"],
                name="one_step_per_level",
                violation_error_message="This path has a step of this level already.",
            ),
            models.CheckConstraint(
                condition=Q(repeats=0) | Q(every__isnull=False),
                name="repeat_needs_every",
                violation_error_message="Say how long to wait before telling them again.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.path} level {self.level}"


class PathVersion(models.Model):
    """Append-only: the levels of a path, those it continues with included, as they once were."""

    path = models.ForeignKey(Path, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    spec = models.JSONField()

    class Meta:
        ordering = ["path", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["path", "number"],
                name="path_version_once",
                violation_error_message="This path has a version of this number already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.path} version {self.number}"
