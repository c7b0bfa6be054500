"""What a person is told of a ticket while they look elsewhere, and how they want to be told."""

from typing import TypeAlias

from django.conf import settings
from django.db import models
from django.db.models import Q

from tickets.constraints import one_of
from tickets.models import Ticket, TicketEvent
from tickets.telling.querysets import PreferenceQuerySet, ToldQuerySet


class NotificationKind(models.TextChoices):
    """What people are told of; escalations have their own board and mails."""

    WROTE = "wrote", "The customer wrote or called, on a ticket that is yours or that you follow"
    ASSIGNED = "assigned", "A ticket was given to you"
    TAKEN = "taken", "Somebody took a ticket over from you"
    MENTIONED = "mentioned", "Somebody mentioned you in a note"
    NOTED = "noted", "Somebody wrote a note on a ticket of yours"
    FAILED = "failed", "What you, or somebody on a ticket of yours, wrote could not be delivered"


_KINDS = ["wrote", "assigned", "taken", "mentioned", "noted", "failed"]
# Those have a mail of their own, which does not wait.
MAILED_AT_ONCE = frozenset({NotificationKind.MENTIONED, NotificationKind.FAILED})
# That the customer has no answer is no news that one may do without.
ALWAYS_MAILED = frozenset({NotificationKind.FAILED})


class Notification(models.Model):
    """The newest event of its kind on a ticket that ``person`` has not caused; one row for each.

    It is unread again with the next one. ``mail_at`` is set while a mail may still have to be
    written of it: the timer looks for it there.
    """

    Kind: TypeAlias = NotificationKind

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications"
    )
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    event = models.ForeignKey(TicketEvent, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mail_at = models.DateTimeField(null=True, blank=True)

    objects = ToldQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["person", "-at", "-id"], name="notification_of_person"),
            models.Index(
                fields=["person", "-at"], name="notification_unread", condition=Q(read_at=None)
            ),
            models.Index(
                fields=["mail_at", "id"],
                name="notification_to_mail",
                condition=Q(mail_at__isnull=False),
            ),
            models.Index(fields=["at"], name="notification_at"),
        ]
        constraints = [
            one_of("kind", _KINDS, "notification_kind_known", "Nobody is told of such a thing."),
            models.UniqueConstraint(
                fields=["person", "ticket", "kind"],
                name="told_once_of_each_kind",
                violation_error_message="This person has been told of this already.",
            ),
            models.CheckConstraint(
                condition=Q(read_at=None) | Q(mail_at=None),
                name="what_is_read_is_not_mailed",
                violation_error_message="What was read is not told by mail.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.ticket_id}: {self.kind}"


class Preference(models.Model):
    """How a person wants to be told of one kind of thing; without a row, both ways."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notification_preferences"
    )
    kind = models.CharField(max_length=10, choices=NotificationKind.choices)
    on_desk = models.BooleanField(default=True)
    by_mail = models.BooleanField(default=True)

    objects = PreferenceQuerySet.as_manager()

    class Meta:
        ordering = ["person", "kind"]
        constraints = [
            one_of("kind", _KINDS, "preference_kind_known", "Nobody is told of such a thing."),
            models.UniqueConstraint(
                fields=["person", "kind"],
                name="preference_once",
                violation_error_message="This person has said this already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.kind}"
