"""Mail as it came: the bytes are safe before anybody is told so, and stay whatever becomes of it."""

from datetime import datetime

from django.db import models
from django.db.models import F, Func, Q

from tickets.models import Message, Ticket


class RawMail(models.Model):
    """One mail. It leaves ``stored`` by a conditional update, so it is dealt with once.

    The bytes live in the database: they are in the transaction, the backup, and every machine's
    reach.
    """

    class State(models.TextChoices):
        STORED = "stored", "Waiting"
        PROCESSED = "processed", "On a ticket"
        IGNORED = "ignored", "Ignored"
        FAILED = "failed", "Failed, will be tried again"
        PARKED = "parked", "Needs a person"

    WAITING = (State.STORED, State.FAILED)

    raw = models.BinaryField()
    sha256 = models.CharField(max_length=64, unique=True)
    # Equal for one mail that came by two ways (other Received headers); set when dealt with.
    key = models.CharField(max_length=64, unique=True, null=True, blank=True)
    source = models.CharField(max_length=20)
    size = models.PositiveIntegerField(help_text="Bytes.")
    received_at = models.DateTimeField(help_text="By our mail server; deadlines count from here.")
    state = models.CharField(max_length=9, choices=State.choices, default=State.STORED)
    because = models.TextField(blank=True, help_text="Why it was ignored, failed or needs you.")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    processed_at = models.DateTimeField(null=True, blank=True)
    sender = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=250, blank=True)
    ticket = models.ForeignKey(
        Ticket, models.SET_NULL, null=True, blank=True, related_name="raw_mails"
    )
    message = models.ForeignKey(
        Message, models.SET_NULL, null=True, blank=True, related_name="raw_mails"
    )
    acknowledged = models.BooleanField(default=False)

    class Meta:
        ordering = ["-received_at", "-pk"]
        verbose_name = "incoming mail"
        verbose_name_plural = "incoming mail"
        indexes = [
            models.Index(
                fields=["next_try_at", "id"],
                name="rawmail_waiting",
                condition=Q(state__in=["stored", "failed"]),
            ),
            models.Index(
                fields=["sender", "processed_at"],
                name="rawmail_acknowledged",
                condition=Q(acknowledged=True),
            ),
            models.Index(fields=["state", "-received_at", "-id"], name="rawmail_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["stored", "processed", "ignored", "failed", "parked"]),
                name="rawmail_state_known",
                violation_error_message="A mail that came in has no such state.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sender or 'unknown sender'}: {self.subject or 'no subject'}"

    def is_due(self, now: datetime) -> bool:
        """Whether it waits, and nobody has it under way."""
        if self.state not in self.WAITING or self.next_try_at is None:
            return False
        return self.next_try_at <= now

    def beginning(self, size: int) -> bytes:
        """So many bytes of the mail; the rest stays in the database."""
        part = Func(F("raw"), 1, size, function="SUBSTR", output_field=models.BinaryField())
        return bytes(RawMail.objects.filter(pk=self.pk).values_list(part, flat=True).get())
