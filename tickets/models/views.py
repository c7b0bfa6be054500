"""What people make of the queue: views they saved, and the columns each of them wants to see."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from tickets.people.models import Team, User


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def offered_to(self, user: User) -> SavedViewQuerySet:
        """One's own, those for everybody, and those of the teams one is in; in their order."""
        teams = user.memberships.order_by().values("team_id")
        shared = Q(sharing=SavedView.Sharing.EVERYBODY) | Q(team__in=teams)
        return self.filter(shared | Q(owner=user)).order_by("position", "name", "pk")


class SavedView(models.Model):
    """Filters, order and columns under a name. What it shows is always what its reader may see."""

    class Sharing(models.TextChoices):
        OWN = "own", "Only me"
        TEAM = "team", "A team"
        EVERYBODY = "everybody", "Everybody"

    name = models.CharField(max_length=60)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    sharing = models.CharField(max_length=9, choices=Sharing.choices, default=Sharing.OWN)
    team = models.ForeignKey(
        Team, models.CASCADE, null=True, blank=True, related_name="saved_views"
    )
    query = models.CharField(max_length=1000, blank=True, help_text="As in the queue's address.")
    columns = models.JSONField(default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(sharing="team", team__isnull=False)
                | Q(sharing__in=["own", "everybody"], team__isnull=True),
                name="saved_view_team_if_shared_with_one",
                violation_error_message="A view is for its owner, for one team, or for everybody.",
            ),
            models.UniqueConstraint(
                fields=["owner", "name"],
                name="saved_view_name_once",
                violation_error_message="You have a view of this name already.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class QueueColumns(models.Model):
    """The columns a person chose for the queue; without a row the usual ones are shown."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+"
    )
    columns = models.JSONField(default=list)

    def __str__(self) -> str:
        return ", ".join(self.columns)
