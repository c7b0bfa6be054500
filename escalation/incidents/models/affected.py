"""Which tickets are about an incident, and which of their customers were told what."""

from django.conf import settings
from django.db import models

from escalation.incidents.models.incidents import Incident, Update
from escalation.incidents.querysets import TellingQuerySet
from tickets.constraints import one_of
from tickets.models import Message, Ticket


class AffectedTicket(models.Model):
    """A ticket that is about an incident, in part at least; each once."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="affected")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="affected_by")
    linked_at = models.DateTimeField()
    linked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["linked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "ticket"],
                name="ticket_once_on_an_incident",
                violation_error_message="This ticket is linked to the incident already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} on INC-{self.incident_id}"


class Telling(models.Model):
    """That the customer of one ticket is to hear one update; done once, or not done and says why.

    A row that fails is set back with growing delay and after a few tries given up, in words.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        TOLD = "told", "Told"
        NOT_TOLD = "not_told", "Not told"

    update = models.ForeignKey(Update, models.CASCADE, related_name="tellings")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    next_at = models.DateTimeField()
    failures = models.PositiveSmallIntegerField(default=0)
    settled_at = models.DateTimeField(null=True, blank=True)
    message = models.ForeignKey(Message, models.SET_NULL, null=True, blank=True, related_name="+")
    because = models.CharField(max_length=300, blank=True)

    objects = TellingQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["next_at", "id"],
                name="telling_due",
                condition=models.Q(state="waiting"),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["update", "ticket"],
                name="told_once",
                violation_error_message="The customer is told of this already.",
            ),
            one_of(
                "state",
                ["waiting", "told", "not_told"],
                "telling_state_known",
                "Nobody is told in such a state.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.update_id} to {self.ticket_id}: {self.get_state_display()}"
