"""Words that somebody is still writing."""

from django.conf import settings
from django.db import models

from tickets.constraints import one_of
from tickets.models.messages import Message
from tickets.models.tickets import Ticket


class Draft(models.Model):
    """What one person has typed for one ticket and not sent yet; theirs alone to read.

    One of a kind is the draft, which every page shows. What another window typed over an older
    version of it is kept aside, until its writer has chosen.
    """

    KINDS = [
        (kind.value, kind.label)
        for kind in (Message.Kind.REPLY, Message.Kind.NOTE, Message.Kind.PROGRESS)
    ]

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="drafts")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=KINDS)
    body = models.TextField(blank=True)
    # Another one with whatever its writer keeps, so that a page knows whether it has the newest
    # words; no number, which would begin anew with a new draft.
    version = models.CharField(max_length=12, blank=True, default="", db_default="", editable=False)
    is_aside = models.BooleanField(default=False, db_default=False, editable=False)
    # Pairs of a mark and words of the body that were put in by the system, and that no page of
    # theirs has shown yet: what a page keeps or sends without them leaves them as they are.
    added = models.JSONField(default=list, blank=True, editable=False)
    # Pairs as well: words that the system has taken out since; a page that does not know of that
    # still has them in its text, and must not bring them back.
    taken = models.JSONField(default=list, db_default=[], blank=True, editable=False)
    cc = models.CharField(max_length=1000, blank=True)
    kept_at = models.DateTimeField()

    # No column: which ticket, merged away since, it was typed on, where nothing was changed since.
    came_from = ""

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
                condition=models.Q(is_aside=False),
                name="one_draft_each",
                violation_error_message="You have a draft here already.",
            ),
        ]

    @property
    def marks(self) -> list[str]:
        """What a page that shows the body says it has shown."""
        return [mark for mark, _ in [*self.added, *self.taken]]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} for {self.ticket_id} by {self.author_id}"
