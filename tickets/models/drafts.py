"""Words that somebody is still writing."""

from django.conf import settings
from django.db import models

from tickets.constraints import one_of
from tickets.models.messages import Message
from tickets.models.tickets import Ticket


class Draft(models.Model):
    """What one person has typed for one ticket and not sent yet; theirs alone to read."""

    KINDS = [
        (kind.value, kind.label)
        for kind in (Message.Kind.REPLY, Message.Kind.NOTE, Message.Kind.PROGRESS)
    ]

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="drafts")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=KINDS)
    body = models.TextField()
    # Pairs of a mark and words of the body that were put in by the system, and that no page of
    # theirs has shown yet: what a page keeps or sends without them leaves them as they are.
    added = models.JSONField(default=list, blank=True, editable=False)
    cc = models.CharField(max_length=1000, blank=True)
    kept_at = models.DateTimeField()

    class Meta:
        ordering = ["-kept_at", "-pk"]
        constraints = [
            one_of(
                "kind",
                ["reply", "note", "progress"],
                "draft_kind_known",
                "Nothing of this kind is drafted.",
            ),
            models.UniqueConstraint(
                fields=["ticket", "author", "kind"],
                name="one_draft_each",
                violation_error_message="You have a draft here already.",
            ),
        ]

    @property
    def marks(self) -> list[str]:
        """What a page that shows the body says it has shown."""
        return [mark for mark, _ in self.added]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} for {self.ticket_id} by {self.author_id}"
