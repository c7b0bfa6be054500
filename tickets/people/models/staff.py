"""Who works here: people, their roles, skills and teams."""

from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models.functions import Lower

from tickets.constraints import one_of
from tickets.outbox import checking


def known_zone(name: str) -> None:
    """Refuses a time zone that the IANA database does not know."""
    if name not in available_timezones():
        raise ValidationError(
            "%(name)s is not a known time zone; write one such as America/New_York.",
            params={"name": name},
        )


def zone_called(name: str) -> ZoneInfo:
    """The zone, or the company's own where the zone database does not know it any more."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo(settings.TIME_ZONE)


class User(AbstractUser):
    """A member of staff. What the role allows is decided in ``tickets.access`` alone."""

    class Role(models.TextChoices):
        AGENT = "agent", "Agent"
        SUPERVISOR = "supervisor", "Supervisor"
        EXECUTIVE = "executive", "Executive"
        EXPERT = "expert", "Expert"
        ADMIN = "admin", "Admin"

    email = models.EmailField(
        "e-mail address", max_length=254, blank=True, validators=[checking.validate]
    )
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.AGENT)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[known_zone])
    phone = models.CharField(max_length=40, blank=True)
    skills: models.ManyToManyField["Skill", Any] = models.ManyToManyField(
        "Skill", blank=True, related_name="people"
    )
    most_open = models.PositiveSmallIntegerField(
        "most open tickets", null=True, blank=True, validators=[MaxValueValidator(1000)],
        help_text="No ticket comes by itself beyond so many; 0: none ever does. "
        "Empty: as many as the team says.",
    )  # fmt: skip

    class Meta(AbstractUser.Meta):
        constraints = [
            one_of(
                "role",
                ["agent", "supervisor", "executive", "expert", "admin"],
                "user_role_known",
                "A person has no such role.",
            ),
            models.UniqueConstraint(
                Lower("email"),
                condition=~models.Q(email=""),
                name="user_email_unique",
                violation_error_message="Somebody else has this e-mail address.",
            ),
        ]

    @property
    def name(self) -> str:
        return self.get_full_name() or self.username

    @property
    def may_lead(self) -> bool:
        """Whether being marked as leading a team counts: a supervisor's, or an admin's."""
        return self.is_superuser or self.role in (self.Role.SUPERVISOR, self.Role.ADMIN)

    @property
    def zone(self) -> ZoneInfo:
        return zone_called(self.time_zone)

    def __str__(self) -> str:
        return self.name


class Skill(models.Model):
    name = models.CharField(max_length=60, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    class Assignment(models.TextChoices):
        """How a ticket that nobody has finds somebody of its team; see ``tickets.routing``."""

        NONE = "none", "By hand"
        ROUND_ROBIN = "round_robin", "Round robin"
        LEAST_LOADED = "least_loaded", "Least loaded"
        SKILL = "skill", "By skill"

    name = models.CharField(max_length=80, unique=True)
    members = models.ManyToManyField(User, through="Membership", related_name="teams")
    is_default = models.BooleanField(
        default=False, help_text="Receives what no other rule sends elsewhere; exactly one team."
    )
    assignment = models.CharField(
        max_length=12, choices=Assignment.choices, default=Assignment.NONE,
        help_text="How new, moved and reopened tickets find somebody. Who is out, who leads the "
        "team and who lacks what the ticket needs is passed over.",
    )  # fmt: skip
    most_open = models.PositiveSmallIntegerField(
        "most open tickets each", null=True, blank=True, validators=[MaxValueValidator(1000)],
        help_text="No ticket comes by itself to who has so many. Empty: no limit.",
    )  # fmt: skip
    without_skill = models.BooleanField(
        "to anybody where the skill is missing", default=False,
        help_text="Otherwise a ticket whose skill nobody at work has stays unassigned.",
    )  # fmt: skip

    class Meta:
        ordering = ["name"]
        constraints = [
            one_of(
                "assignment",
                ["none", "round_robin", "least_loaded", "skill"],
                "team_assignment_known",
                "Tickets are given out in no such way.",
            ),
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="one_default_team",
                violation_error_message="Another team is the default; unmark it first.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def leading(self) -> "MembershipQuerySet":
        """Of those who lead their team: marked so, allowed to, and still here."""
        leaders = models.Q(user__role__in=[User.Role.SUPERVISOR, User.Role.ADMIN])
        allowed = leaders | models.Q(user__is_superuser=True)
        return self.filter(allowed, leads=True, user__is_active=True)


class Membership(models.Model):
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    leads = models.BooleanField(
        default=False, help_text="A supervisor of this team; counts for supervisors and admins."
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["team", "user"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "team"],
                name="member_once_per_team",
                violation_error_message="This person is in this team already.",
            )
        ]

    @property
    def is_leading(self) -> bool:
        return self.leads and self.user.may_lead and self.user.is_active

    def clean(self) -> None:
        user = getattr(self, "user", None)
        if self.leads and user is not None and not user.may_lead:
            raise ValidationError(
                {
                    "leads": f"Only a supervisor or an admin leads a team, and {user} is of the "
                    f"role {user.get_role_display()}: change the role, or do not mark this."
                }
            )

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"
