"""The call log: calls with their holds, and the calls we owe."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from tickets.models import Ticket
from tickets.people.models import Contact


class Call(models.Model):
    """One telephone call with a customer; it need not belong to a ticket."""

    class Direction(models.TextChoices):
        INBOUND = "inbound", "The customer called"
        OUTBOUND = "outbound", "We called"

    class Outcome(models.TextChoices):
        REACHED = "reached", "Reached"
        NO_ANSWER = "no_answer", "No answer"
        VOICEMAIL = "voicemail", "Voicemail"
        BUSY = "busy", "Busy"

    ticket = models.ForeignKey(Ticket, models.CASCADE, null=True, blank=True, related_name="calls")
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="calls")
    direction = models.CharField(max_length=8, choices=Direction.choices)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    summary = models.TextField(blank=True)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="calls"
    )

    class Meta:
        ordering = ["-started_at", "-pk"]
        indexes = [
            models.Index(fields=["ticket", "started_at", "id"], name="call_ticket_started"),
            models.Index(fields=["agent", "-started_at", "-id"], name="call_agent_started"),
            models.Index(fields=["-started_at", "-id"], name="call_started"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__gte=F("started_at")),
                name="call_ends_after_it_starts",
                violation_error_message="A call ends after it has begun.",
            ),
            models.CheckConstraint(
                condition=Q(direction__in=["inbound", "outbound"]),
                name="call_direction_known",
                violation_error_message="A call comes in or goes out.",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["reached", "no_answer", "voicemail", "busy"]),
                name="call_outcome_known",
                violation_error_message="A call has no such outcome.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_direction_display()}, {self.get_outcome_display().lower()}"


class Hold(models.Model):
    """The caller was asked to wait."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="holds")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    because = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["started_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__gte=F("started_at")),
                name="hold_ends_after_it_starts",
                violation_error_message="A hold ends after it has begun.",
            ),
        ]

    def __str__(self) -> str:
        return f"on hold for {self.ended_at - self.started_at}"


class Callback(models.Model):
    """A call we owe the customer: promised by a person, or (``promised_by`` empty) by policy.

    ``due_at`` is what was promised; empty, the response schedule says how long there is.
    It leaves ``open`` once, by a conditional update.
    """

    class State(models.TextChoices):
        OPEN = "open", "Owed"
        KEPT = "kept", "Made"
        WITHDRAWN = "withdrawn", "Withdrawn"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="callbacks")
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    because = models.CharField(max_length=200)
    due_at = models.DateTimeField(null=True, blank=True)
    promised_at = models.DateTimeField()
    promised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        Call, models.RESTRICT, null=True, blank=True, related_name="settled"
    )

    class Meta:
        ordering = ["promised_at", "pk"]
        indexes = [
            models.Index(
                fields=["ticket", "promised_at", "id"],
                name="callback_open",
                condition=Q(state="open"),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", settled_at__isnull=True, settled_by__isnull=True)
                | Q(state="kept", settled_at__isnull=False, settled_by__isnull=False)
                | Q(state="withdrawn", settled_at__isnull=False, settled_by__isnull=True),
                name="callback_state_tells_how_it_ended",
                violation_error_message="A promised call is open, kept by a call, or withdrawn.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}: {self.because}"
