"""Changes of many tickets at once, with what was there before, so that they can be undone."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from tickets.models.tickets import Ticket


class BulkDeedQuerySet(models.QuerySet["BulkDeed"]):
    def unfinished(self) -> BulkDeedQuerySet:
        """Begun and not ended: under way in some process, or stopped because that died."""
        return self.filter(begun__isnull=False, undone_at=None)


class BulkDeed(models.Model):
    """One change of many tickets. ``key`` comes with the form, so that two clicks are one deed."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="bulk_deeds"
    )
    at = models.DateTimeField()
    said = models.CharField(max_length=500, help_text="What was done, such as «closed».")
    left_alone = models.JSONField(default=list, help_text="Pairs of a reference and why.")
    # While it has not ended: the references and versions that were «asked», and what was «wanted» of
    # them, so that it can go on where the process that did it died.
    begun = models.JSONField(null=True, blank=True, editable=False)
    # Until then somebody may still be at it; nobody is where it is empty.
    busy_until = models.DateTimeField(null=True, blank=True, editable=False)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = BulkDeedQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(
                fields=["actor"], name="bulk_deed_unfinished", condition=Q(begun__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | Q(undone_at__gte=F("at")),
                name="bulk_deed_undone_after_it_was_done",
                violation_error_message="A deed is undone after it was done.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.said} ({self.at:%Y-%m-%d %H:%M})"


class BulkItem(models.Model):
    """One ticket that a deed changed: what it had before, and the version it was left at.

    Where an upper floor did it, ``before`` names that as «above», with what it needs to undo it.
    """

    deed = models.ForeignKey(BulkDeed, models.CASCADE, related_name="items")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    before = models.JSONField()
    version = models.PositiveIntegerField()
    # Once the deed was undone: whether this ticket is as before, and else why it was left alone;
    # where it is, what nevertheless has not come back.
    is_undone = models.BooleanField(default=False)
    kept_because = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["deed", "ticket"],
                name="bulk_item_once",
                violation_error_message="A deed changes a ticket once.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} of {self.deed_id}"
