"""Tickets: one matter of one customer each."""

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q, SmallIntegerField

from tickets.constraints import one_of
from tickets.lifecycle import ACTIVE, Status
from tickets.models.sorting import Category, Tag
from tickets.people.models import Contact, Order, Organization, Team
from tickets.querysets import TicketQuerySet

STATUS_CHOICES = [(status.value, status.value.replace("_", " ").capitalize()) for status in Status]
IS_ACTIVE = Q(status__in=sorted(ACTIVE))
# What is most urgent comes first. An index is of this very expression, whose constants are part of
# it: as parameters they would be of another type, and the index of no use.
RANKS = {"urgent": 0, "high": 1, "normal": 2, "low": 3}
_WHEN = " ".join(f"WHEN '{priority}' THEN {rank}" for priority, rank in RANKS.items())
URGENCY = Func(
    F("priority"), template=f"CASE %(expressions)s {_WHEN} END", output_field=SmallIntegerField()
)


class Ticket(models.Model):
    """One matter of one customer. Written only by services; ``version`` grows with each change."""

    class Priority(models.TextChoices):
        LOW = "low", "Low"
        NORMAL = "normal", "Normal"
        HIGH = "high", "High"
        URGENT = "urgent", "Urgent"

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        PHONE = "phone", "Phone"
        FORM = "form", "Web form"
        PORTAL = "portal", "Portal"
        API = "api", "API"

    reference = models.CharField(max_length=16, unique=True, editable=False)
    subject = models.CharField(max_length=250)
    status = models.CharField(max_length=8, choices=STATUS_CHOICES, default=Status.NEW)
    priority = models.CharField(max_length=8, choices=Priority.choices, default=Priority.NORMAL)
    category = models.ForeignKey(Category, models.PROTECT, related_name="tickets")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    requester = models.ForeignKey(Contact, models.PROTECT, related_name="tickets")
    participants = models.ManyToManyField(
        Contact, blank=True, related_name="takes_part_in",
        help_text="Other customers with the same matter; each gets a copy of what is answered.",
    )  # fmt: skip
    organization = models.ForeignKey(
        Organization, models.SET_NULL, null=True, blank=True, related_name="tickets"
    )
    team = models.ForeignKey(Team, models.PROTECT, related_name="tickets")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="assigned"
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="tickets")
    followers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="followed_tickets"
    )
    orders = models.ManyToManyField(Order, blank=True, related_name="tickets")
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_from"
    )
    version = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    solved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # What is pending or on hold is open again at this instant, by the timers; after a failed attempt
    # not tried again before the other one.
    comes_back_at = models.DateTimeField(null=True, blank=True)
    comes_back_retry_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_message_at = models.DateTimeField(null=True, blank=True)
    last_message_by_customer = models.BooleanField(default=True)

    # What lists show of the clocks; stored here by the floor that owns them (escalation.clocks).
    next_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    next_due_metric = models.CharField(max_length=16, blank=True, editable=False)
    is_late = models.BooleanField(default=False, editable=False)
    is_paused = models.BooleanField(default=False, editable=False)
    # The earliest running deadline that an answer to the customer would satisfy.
    answer_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The running deadline that solving the ticket would satisfy.
    solve_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    escalation_level = models.PositiveSmallIntegerField(default=0, editable=False)

    # What lists show of words that wait to leave: what, and when; stored by services.listing.
    waiting_kind = models.CharField(
        max_length=10, blank=True, default="", db_default="", editable=False
    )
    waiting_until = models.DateTimeField(null=True, blank=True, editable=False)

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        indexes = [
            models.Index(
                fields=["next_due_at", "id"], name="ticket_active_due", condition=IS_ACTIVE
            ),
            models.Index(
                fields=["team", "next_due_at", "id"], name="ticket_team_due", condition=IS_ACTIVE
            ),
            models.Index(
                fields=["assignee", "next_due_at", "id"],
                name="ticket_assignee_due",
                condition=IS_ACTIVE,
            ),
            models.Index(fields=["requester", "-opened_at"], name="ticket_requester"),
            models.Index(fields=["status", "-updated_at", "-id"], name="ticket_status_updated"),
            models.Index(fields=["-updated_at", "-id"], name="ticket_updated"),
            # The other orders of the queue, of what is active and of all.
            models.Index(
                URGENCY, "next_due_at", "id", name="ticket_active_urgency", condition=IS_ACTIVE
            ),
            models.Index(
                fields=["next_due_at", "id"],
                name="ticket_unassigned_due",
                condition=IS_ACTIVE & Q(assignee__isnull=True),
            ),
            models.Index(
                fields=["status", "next_due_at", "id"],
                name="ticket_active_status",
                condition=IS_ACTIVE,
            ),
            models.Index(
                fields=["updated_at", "id"], name="ticket_active_updated", condition=IS_ACTIVE
            ),
            models.Index(
                fields=["opened_at", "id"], name="ticket_active_opened", condition=IS_ACTIVE
            ),
            models.Index(fields=["opened_at", "id"], name="ticket_opened"),
            models.Index(
                fields=["next_due_at", "id"],
                name="ticket_escalated_due",
                condition=IS_ACTIVE & Q(escalation_level__gt=0),
            ),
            models.Index(
                fields=["assignee", "id"],
                name="ticket_assignee_escalated",
                condition=IS_ACTIVE & Q(escalation_level__gt=0),
            ),
            models.Index(
                fields=["comes_back_at", "id"],
                name="ticket_comes_back",
                condition=Q(comes_back_at__isnull=False),
            ),
        ]
        constraints = [
            one_of(
                "priority",
                ["low", "normal", "high", "urgent"],
                "ticket_priority_known",
                "A ticket has no such priority.",
            ),
            one_of(
                "channel",
                ["email", "phone", "form", "portal", "api"],
                "ticket_channel_known",
                "A ticket comes by no such channel.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in Status]),
                name="ticket_status_known",
                violation_error_message="A ticket has no such status.",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(status=Status.CLOSED),
                name="merged_ticket_is_closed",
                violation_error_message="A ticket that was merged into another is closed.",
            ),
            models.CheckConstraint(
                condition=Q(comes_back_at__isnull=True) | Q(status__in=["on_hold", "pending"]),
                name="ticket_comes_back_from_aside",
                violation_error_message="Only what is pending or on hold comes back by itself.",
            ),
        ]

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    def __str__(self) -> str:
        return f"{self.reference} {self.subject}"
