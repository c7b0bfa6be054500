"""The call log: calls under way and over, with their holds, and the calls we owe."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from tickets.calls.querysets import CallbackQuerySet, CallQuerySet
from tickets.models import Ticket
from tickets.people.models import Contact, User

# After so long somebody who still seems to be on the phone has forgotten to say that it is over.
FORGOTTEN = timedelta(hours=2)
# What a promised call is about: a sentence or two, or all that made a rule owe it.
LONGEST_BECAUSE = 4_000


class Call(models.Model):
    """One telephone call; under way while ``ended_at`` is empty, and one of those per person.

    It need not belong to a ticket, and who calls need not be known (then there is ``number``).
    """

    class Direction(models.TextChoices):
        INBOUND = "inbound", "The customer called"
        OUTBOUND = "outbound", "We called"

    class Outcome(models.TextChoices):
        REACHED = "reached", "Reached"
        NO_ANSWER = "no_answer", "No answer"
        VOICEMAIL = "voicemail", "Voicemail"
        BUSY = "busy", "Busy"
        CUT_OFF = "cut_off", "Cut off"
        WRONG_NUMBER = "wrong", "Wrong number"

    ticket = models.ForeignKey(Ticket, models.CASCADE, null=True, blank=True, related_name="calls")
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="calls"
    )
    number = models.CharField(max_length=40, blank=True)
    direction = models.CharField(max_length=8, choices=Direction.choices)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    # While the call is under way this is the draft.
    summary = models.TextField(blank=True)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="calls"
    )
    callback = models.ForeignKey(
        "Callback", models.SET_NULL, null=True, blank=True, related_name="calls",
        help_text="The promise that this call was made for.",
    )  # fmt: skip
    passed_to = models.CharField(max_length=200, blank=True)

    objects = CallQuerySet.as_manager()

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
                condition=Q(ended_at__isnull=True, outcome="")
                | Q(
                    ended_at__isnull=False,
                    outcome__in=["reached", "no_answer", "voicemail", "busy", "cut_off", "wrong"],
                ),
                name="call_outcome_tells_that_it_ended",
                violation_error_message="A call that is over has one of the known outcomes.",
            ),
            models.CheckConstraint(
                condition=Q(ticket__isnull=True) | Q(contact__isnull=False),
                name="call_on_a_ticket_has_a_customer",
                violation_error_message="A call on a ticket is with a customer.",
            ),
            models.UniqueConstraint(
                fields=["agent"],
                condition=Q(ended_at__isnull=True),
                name="one_call_under_way_each",
                violation_error_message="This person is on a call already.",
            ),
        ]

    @property
    def is_under_way(self) -> bool:
        return self.ended_at is None

    @property
    def with_whom(self) -> str:
        return self.contact.display_name if self.contact else self.number or "Unknown caller"

    def is_forgotten(self, now: datetime) -> bool:
        return self.is_under_way and now - self.started_at > FORGOTTEN

    def __str__(self) -> str:
        ended = self.get_outcome_display().lower() if self.outcome else "under way"
        return f"{self.get_direction_display()}, {ended}"


class Hold(models.Model):
    """The caller was asked to wait, and told that we come back by ``back_at``."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="holds")
    started_at = models.DateTimeField()
    back_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    because = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["started_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__gte=F("started_at")),
                name="hold_ends_after_it_starts",
                violation_error_message="A hold ends after it has begun.",
            ),
            models.UniqueConstraint(
                fields=["call"],
                condition=Q(ended_at__isnull=True),
                name="one_hold_at_a_time",
                violation_error_message="The caller is on hold already.",
            ),
        ]

    @property
    def kept_waiting(self) -> timedelta:
        """How long the caller waited beyond what they were told."""
        if self.ended_at is None or self.back_at is None:
            return timedelta()
        return max(self.ended_at - self.back_at, timedelta())

    def __str__(self) -> str:
        return f"on hold for {self.ended_at - self.started_at}" if self.ended_at else "on hold"


class Callback(models.Model):
    """A call we owe the customer: promised by a person, or (``promised_by`` empty) by policy.

    ``due_at`` is what was promised; empty, the response schedule says how long there is.
    ``expected_at`` is the deadline either way, stored for lists by the floor that owns the clocks.
    It leaves ``open`` once, by a conditional update.
    """

    class State(models.TextChoices):
        OPEN = "open", "Owed"
        KEPT = "kept", "Made"
        WITHDRAWN = "withdrawn", "Withdrawn"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="callbacks")
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    because = models.TextField(max_length=LONGEST_BECAUSE)
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="+",
        help_text="Whom to call; empty: the customer of the ticket.",
    )  # fmt: skip
    number = models.CharField(max_length=40, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    expected_at = models.DateTimeField(null=True, blank=True, editable=False)
    promised_at = models.DateTimeField()
    promised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        Call, models.RESTRICT, null=True, blank=True, related_name="settled"
    )

    objects = CallbackQuerySet.as_manager()

    class Meta:
        ordering = ["promised_at", "pk"]
        indexes = [
            models.Index(
                fields=["ticket", "promised_at", "id"],
                name="callback_open",
                condition=Q(state="open"),
            ),
            models.Index(
                fields=["expected_at", "id"], name="callback_expected", condition=Q(state="open")
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

    @property
    def whom(self) -> Contact:
        return self.contact or self.ticket.requester

    @property
    def tries(self) -> int:
        """Calls made for it that are over."""
        return sum(1 for call in self.calls.all() if not call.is_under_way)

    @property
    def being_called_by(self) -> User | None:
        """Who is on the phone for it just now, so that nobody else calls too."""
        running = (call.agent for call in self.calls.all() if call.is_under_way)
        return next((agent for agent in running if agent), None)

    @property
    def number_to_call(self) -> str:
        return self.number or self.whom.phone

    def __str__(self) -> str:
        return f"{self.get_state_display()}: {self.because}"
