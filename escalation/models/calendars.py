"""Opening hours and holidays as an admin types them, and the versions deadlines are counted by."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from tickets.constraints import one_of
from tickets.people.models import Team, known_zone


class Calendar(models.Model):
    """A weekly schedule in one time zone. What counts is its latest published version."""

    name = models.CharField(max_length=80, unique=True)
    time_zone = models.CharField(max_length=64, validators=[known_zone])

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class OpeningHours(models.Model):
    """From ``opens`` up to ``closes``; a closing not after the opening is the next day's."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, "Monday"
        TUESDAY = 1, "Tuesday"
        WEDNESDAY = 2, "Wednesday"
        THURSDAY = 3, "Thursday"
        FRIDAY = 4, "Friday"
        SATURDAY = 5, "Saturday"
        SUNDAY = 6, "Sunday"

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices)
    opens = models.TimeField()
    closes = models.TimeField(
        help_text="00:00 is midnight; earlier than the opening: the next day."
    )

    class Meta:
        ordering = ["weekday", "opens", "pk"]
        verbose_name = "opening hours"
        verbose_name_plural = "opening hours"
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__gte=0, weekday__lte=6),
                name="opening_weekday_known",
                violation_error_message="A week has no such day.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"


class CalendarException(models.Model):
    """A date that differs: a holiday, a shorter day, or an extra opening."""

    class Kind(models.TextChoices):
        CLOSED = "closed", "closed"
        EXTRA = "extra", "also open"

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="exceptions")
    date = models.DateField()
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.CLOSED)
    opens = models.TimeField("from", null=True, blank=True, help_text="Empty: the whole day.")
    closes = models.TimeField("to", null=True, blank=True)
    name = models.CharField(max_length=80, blank=True, help_text="Such as Christmas Day.")

    class Meta:
        ordering = ["date", "opens", "pk"]
        constraints = [
            one_of(
                "kind",
                ["closed", "extra"],
                "exception_kind_known",
                "On a day that differs we are closed, or open as well.",
            ),
            models.CheckConstraint(
                condition=Q(opens__isnull=True, closes__isnull=True)
                | Q(opens__isnull=False, closes__isnull=False),
                name="exception_hours_both_or_none",
                violation_error_message="Give both hours, or neither for the whole day.",
            ),
        ]

    def __str__(self) -> str:
        hours = f" {self.opens:%H:%M}–{self.closes:%H:%M}" if self.opens and self.closes else ""
        return f"{self.date} {self.get_kind_display()}{hours} {self.name}".strip()


class CalendarVersion(models.Model):
    """Append-only: what the calendar said from ``effective_at`` on, and who made it so (rule 8)."""

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    effective_at = models.DateTimeField()
    spec = models.JSONField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["calendar", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "number"],
                name="calendar_version_once",
                violation_error_message="This calendar has a version of this number already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.calendar} version {self.number}"


class TeamHours(models.Model):
    """When a team is at work. Outside these hours it is given no ticket by itself."""

    team = models.OneToOneField(Team, models.CASCADE, related_name="hours")
    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="teams")

    class Meta:
        ordering = ["team__name"]
        verbose_name = "working hours of a team"
        verbose_name_plural = "working hours of teams"

    def __str__(self) -> str:
        return f"{self.team}: {self.calendar}"
