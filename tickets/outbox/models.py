"""Outgoing mail as rows: what is held, on its way, sent, recalled or dead; it knows no ticket."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from tickets.constraints import one_of


class OutgoingMail(models.Model):
    """One mail to one or more recipients. Recall and release are conditional updates of ``state``."""

    class State(models.TextChoices):
        HELD = "held", "Held"
        RELEASED = "released", "On its way"
        SENT = "sent", "Sent"
        RECALLED = "recalled", "Recalled"
        DEAD = "dead", "Undeliverable"

    class Purpose(models.TextChoices):
        REPLY = "reply", "Reply"
        ACKNOWLEDGEMENT = "acknowledgement", "Acknowledgement"
        ALERT = "alert", "Alert to staff"
        NOTICE = "notice", "Notice"
        # Its words are a key to somebody's account: nobody reads them but its recipient.
        ACCOUNT = "account", "About an account"

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.HELD)
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    message_id = models.CharField(max_length=250, unique=True)
    sender = models.CharField(max_length=320, help_text="The From header.")
    reply_to = models.CharField(max_length=320, blank=True)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    written_at = models.DateTimeField()
    release_at = models.DateTimeField(help_text="Leaves the hold at this instant.")
    released_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(
        null=True, blank=True, help_text="The first recipient's server took it."
    )
    recalled_at = models.DateTimeField(null=True, blank=True)
    announced_at = models.DateTimeField(
        null=True, blank=True, help_text="Its owner was told that it left, or died."
    )
    # Set only while the owner still has to be told: when to try that next.
    announce_at = models.DateTimeField(null=True, blank=True, editable=False)
    announce_tries = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["-written_at", "-pk"]
        indexes = [
            models.Index(
                fields=["release_at", "id"], name="mail_held_release", condition=Q(state="held")
            ),
            models.Index(
                fields=["announce_at", "id"],
                name="mail_unannounced",
                condition=Q(announce_at__isnull=False),
            ),
            models.Index(fields=["id"], name="mail_dead", condition=Q(state="dead")),
        ]
        constraints = [
            one_of(
                "purpose",
                ["reply", "acknowledgement", "alert", "notice", "account"],
                "mail_purpose_known",
                "A mail has no such purpose.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["held", "released", "sent", "recalled", "dead"]),
                name="mail_state_known",
                violation_error_message="A mail has no such state.",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False),
                name="mail_sent_has_instant",
                violation_error_message="A mail that was sent has the instant at which it was.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} ({self.get_state_display()})"


class Delivery(models.Model):
    """One recipient of a mail: claimed with a lease, tried with growing delay, settled once."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Sending"
        SENT = "sent", "Sent"
        DEAD = "dead", "Given up"

    class Kind(models.TextChoices):
        TO = "to", "To"
        CC = "cc", "Cc"
        BCC = "bcc", "Bcc"

    mail = models.ForeignKey(OutgoingMail, models.CASCADE, related_name="deliveries")
    kind = models.CharField(max_length=3, choices=Kind.choices, default=Kind.TO)
    name = models.CharField(max_length=160, blank=True)
    email = models.EmailField(max_length=254)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    # When it may next be tried: null until the mail is released; while SENDING, the lease's end.
    next_try_at = models.DateTimeField(null=True, blank=True)
    # Counted before each attempt, so that one that kills its worker is counted too.
    tries = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(
                fields=["next_try_at", "id"],
                name="delivery_due",
                condition=Q(state__in=["waiting", "sending"], next_try_at__isnull=False),
            ),
        ]
        constraints = [
            one_of(
                "kind",
                ["to", "cc", "bcc"],
                "delivery_kind_known",
                "A recipient is addressed in no such way.",
            ),
            models.UniqueConstraint(
                fields=["mail", "email"],
                name="recipient_once",
                violation_error_message="This mail goes to this address already.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sending", "sent", "dead"]),
                name="delivery_state_known",
                violation_error_message="A delivery has no such state.",
            ),
            # What is being sent always has a claim and an end of its lease: it cannot be forgotten.
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(claim__isnull=False, next_try_at__isnull=False),
                name="delivery_sending_has_lease",
                violation_error_message="A delivery under way is held by somebody, for a time.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} ({self.get_state_display()})"


class Enclosure(models.Model):
    """A file that a mail takes along, by its place in the storage; whoever queued it keeps it there."""

    mail = models.ForeignKey(OutgoingMail, models.CASCADE, related_name="enclosures")
    path = models.CharField(max_length=300)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
