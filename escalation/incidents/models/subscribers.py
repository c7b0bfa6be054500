"""Who wants to hear of incidents by mail, and which updates each of them is sent."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from escalation.incidents.models.incidents import Update
from escalation.incidents.querysets import NotificationQuerySet, SubscriberQuerySet
from tickets.constraints import one_of
from tickets.outbox import checking
from tickets.outbox.models import OutgoingMail


class Subscriber(models.Model):
    """An address that asked for mail; it gets none before its owner has confirmed it.

    ``asked`` counts how often it was typed in without its owner acting on it: the more often, the
    longer until it is mailed again.
    """

    email = models.EmailField("e-mail", max_length=254, validators=[checking.validate])
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    asked_at = models.DateTimeField("asked", help_text="When we last mailed it because of that.")
    asked = models.PositiveSmallIntegerField("times asked", default=1)
    confirmed_at = models.DateTimeField("confirmed", null=True, blank=True)

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        indexes = [
            models.Index(
                fields=["asked_at"], name="subscriber_unconfirmed", condition=Q(confirmed_at=None)
            )
        ]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="subscriber_email_once",
                violation_error_message="This address has subscribed already.",
            )
        ]

    def __str__(self) -> str:
        return self.email


class Notification(models.Model):
    """That one subscriber is to be mailed one update: queued once, or not done and says why."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        TOLD = "told", "Told"
        NOT_TOLD = "not_told", "Not told"

    update = models.ForeignKey(Update, models.CASCADE, related_name="notifications")
    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="notifications")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    next_at = models.DateTimeField()
    failures = models.PositiveSmallIntegerField(default=0)
    settled_at = models.DateTimeField(null=True, blank=True)
    mail = models.ForeignKey(OutgoingMail, models.SET_NULL, null=True, blank=True, related_name="+")
    because = models.CharField(max_length=300, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["next_at", "id"], name="notification_due", condition=Q(state="waiting")
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["update", "subscriber"],
                name="notified_once",
                violation_error_message="The subscriber is sent this already.",
            ),
            one_of(
                "state",
                ["waiting", "told", "not_told"],
                "notification_state_known",
                "Nobody is told in such a state.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.update_id} to {self.subscriber_id}: {self.get_state_display()}"
