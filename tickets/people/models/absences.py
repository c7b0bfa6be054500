"""When somebody is out of office, and who stands in for them meanwhile."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from tickets.people.models.staff import User


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def at(self, now: datetime | models.Expression) -> AbsenceQuerySet:
        """Those under way at ``now``; the end itself is a moment at work again."""
        return self.filter(starts_at__lte=now, ends_at__gt=now)

    def not_over(self, now: datetime) -> AbsenceQuerySet:
        return self.filter(ends_at__gt=now)

    def all_through(self, start: datetime, end: datetime, person: User) -> datetime | None:
        """Until when ``person`` is out who is out from ``start`` to ``end`` without a gap."""
        rows = self.filter(user=person, starts_at__lt=end, ends_at__gt=start)
        until = start
        for row in rows.order_by("starts_at", "pk"):
            if row.starts_at <= until:
                until = max(until, row.ends_at)
        return until if until >= end else None

    def of_each(self, now: datetime, people: Collection[int] | None = None) -> dict[int, Absence]:
        """Who is out at ``now``, by number: the absence that ends last. One query."""
        rows = self.at(now).select_related("user", "deputy").order_by("ends_at", "pk")
        if people is not None:
            rows = rows.filter(user__in=people)
        return {row.user_id: row for row in rows}


class Absence(models.Model):
    """From ``starts_at`` until before ``ends_at`` the person gets no ticket and no escalation."""

    user = models.ForeignKey(User, models.CASCADE, related_name="absences")
    starts_at = models.DateTimeField("from")
    ends_at = models.DateTimeField("until")
    note = models.CharField(max_length=200, blank=True)
    deputy = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Hears of the escalations that would reach this person meanwhile.",
    )

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(fields=["ends_at", "starts_at"], name="absence_ends")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="absence_ends_after_it_starts",
                violation_error_message="The end must come after the beginning.",
            ),
            models.CheckConstraint(
                condition=Q(deputy__isnull=True) | ~Q(deputy=F("user")),
                name="no_deputy_of_oneself",
                violation_error_message="Nobody stands in for themselves.",
            ),
        ]

    def clean(self) -> None:
        if self.deputy is not None and not self.deputy.is_active:
            raise ValidationError({"deputy": f"{self.deputy} does not work here any more."})

    def __str__(self) -> str:
        return f"{self.user} out until {self.ends_at:%Y-%m-%d %H:%M %Z}"
