"""What was said, and the files that came with it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from tickets.constraints import one_of
from tickets.lifecycle import Status
from tickets.models.tickets import STATUS_CHOICES, Ticket
from tickets.outbox.models import OutgoingMail
from tickets.people.models import Contact
from tickets.pictures import may_be_picture
from tickets.querysets import MessageQuerySet


class Message(models.Model):
    """Something said. ``body`` is the plain text as written; it is never HTML."""

    class Kind(models.TextChoices):
        CUSTOMER = "customer", "From the customer"
        REPLY = "reply", "Reply"
        NOTE = "note", "Internal note"
        PROGRESS = "progress", "Progress line"
        AUTOMATIC = "automatic", "Automatic message"

    PUBLIC = (Kind.CUSTOMER, Kind.REPLY, Kind.PROGRESS, Kind.AUTOMATIC)
    # What one of us writes to the customer: held, then it leaves by mail.
    HELD = (Kind.REPLY, Kind.PROGRESS)

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="+")
    body = models.TextField()
    at = models.DateTimeField(help_text="Received by our system, or written.")
    mail = models.OneToOneField(
        OutgoingMail,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The mail that carries this message out; its state is the message's.",
    )
    message_id = models.CharField(
        max_length=250, blank=True, help_text="The Message-ID of the mail that brought it."
    )
    is_proven = models.BooleanField(
        default=True, editable=False,
        help_text="False: only its sender's address and what anybody may know led it here.",
    )  # fmt: skip
    # Grows with each edit of a held reply, so that nobody overwrites words they have not read.
    version = models.PositiveIntegerField(default=1, editable=False)
    # What the writer chose for a reply; it comes true only if and when the reply leaves.
    hold = models.DurationField(null=True, blank=True, editable=False)
    status_after = models.CharField(max_length=8, blank=True, choices=STATUS_CHOICES)
    comes_back_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Whether whoever says it has said it already; of this instance alone.
    is_again = False

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        indexes = [
            models.Index(fields=["ticket", "at", "id"], name="message_ticket_at"),
            models.Index(
                fields=["message_id"], name="message_message_id", condition=~Q(message_id="")
            ),
        ]
        constraints = [
            one_of(
                "kind",
                ["customer", "reply", "note", "progress", "automatic"],
                "message_kind_known",
                "A message is of no such kind.",
            ),
            one_of(
                "status_after",
                ["", *(status.value for status in Status)],
                "message_status_after_known",
                "A ticket has no such status.",
            ),
            models.CheckConstraint(
                condition=Q(comes_back_at__isnull=True)
                | Q(status_after__in=["on_hold", "pending"]),
                name="message_comes_back_from_aside",
                violation_error_message="Only what is pending or on hold comes back by itself.",
            ),
        ]

    @property
    def is_public(self) -> bool:
        return self.kind in self.PUBLIC

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.ticket_id}"


class Attachment(models.Model):
    """A file as it came. Always served as a download under a generated name, never inline."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="attachments")
    file = models.FileField(upload_to="attachments/%Y/%m/")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="Bytes.")

    class Meta:
        ordering = ["pk"]

    @property
    def may_be_picture(self) -> bool:
        """Whether the page tries to draw it; its bytes decide."""
        return may_be_picture(self.name, self.size)

    def __str__(self) -> str:
        return self.name
