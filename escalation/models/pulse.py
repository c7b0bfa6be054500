"""The system watching itself: when it last swept, and when its configuration last changed."""

import uuid

from django.db import models


class Pulse(models.Model):
    """One row per beating heart; the sweep writes its own at the end of each pass."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()
    took = models.DurationField()
    acted = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"


class Revision(models.Model):
    """One row whose token changes with every published change; what is cached hangs on it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    token = models.UUIDField(default=uuid.uuid4)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(id=1),
                name="one_revision",
                violation_error_message="The configuration has one revision number, no more.",
            )
        ]

    def __str__(self) -> str:
        return str(self.token)
