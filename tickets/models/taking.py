"""Lists of tickets that somebody took along as a file: who, when, which and how many rows."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class TakenList(models.Model):
    """Kept, for what left the desk in one piece is to be answered for."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    query = models.CharField(max_length=1000, blank=True, help_text="As in the queue's address.")
    taken_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    rows = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-taken_at", "-pk"]
        indexes = [models.Index(fields=["user", "taken_at"], name="taken_list_user")]

    def __str__(self) -> str:
        return f"{self.rows} rows, taken by {self.user_id}"
