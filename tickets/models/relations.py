"""Who else sees a ticket, and which tickets belong together."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from tickets.constraints import one_of
from tickets.models.tickets import Ticket


class Involvement(models.Model):
    """A ticket was put before a person who would not otherwise see it: an executive, an expert."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="involvements")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="involvements")
    because = models.TextField()
    since = models.DateTimeField()

    class Meta:
        ordering = ["since", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "user"],
                name="involved_once",
                violation_error_message="This ticket has been put before this person already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} on {self.ticket_id}: {self.because}"


class TicketLink(models.Model):
    """``ticket`` is related to, split from or the follow-up of ``other``; kept once, one way."""

    class Kind(models.TextChoices):
        RELATED = "related", "Related to"
        SPLIT = "split", "Split from"
        FOLLOW_UP = "follow_up", "Follow-up of"

    # How the other end says it.
    BACK = {Kind.RELATED: "Related to", Kind.SPLIT: "Split off", Kind.FOLLOW_UP: "Followed up by"}

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="links")
    other = models.ForeignKey(Ticket, models.CASCADE, related_name="linked_from")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.RELATED)

    class Meta:
        ordering = ["pk"]
        constraints = [
            one_of(
                "kind",
                ["related", "split", "follow_up"],
                "link_kind_known",
                "Tickets are linked in no such way.",
            ),
            models.UniqueConstraint(
                fields=["ticket", "other", "kind"],
                name="linked_once",
                violation_error_message="These tickets are linked in this way already.",
            ),
            models.CheckConstraint(
                condition=~Q(ticket=models.F("other")),
                name="no_link_to_itself",
                violation_error_message="A ticket cannot be linked to itself.",
            ),
        ]

    def seen_from(self, end: Ticket) -> tuple[str, Ticket]:
        """What the ticket at the far end is to the one at ``end``, in words."""
        if end.pk == self.ticket_id:
            return self.get_kind_display(), self.other
        return self.BACK[self.Kind(self.kind)], self.ticket

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.kind} {self.other_id}"
