"""Scripts and canned replies: words with fields to fill in."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from kb.scripts.rendering import VOCABULARY, unknown_fields
from tickets.constraints import one_of
from tickets.errors import Invalid
from tickets.lifecycle import Status
from tickets.lifecycle import words as words_for
from tickets.models import Category, Ticket
from tickets.services import words
from tickets.services.tagging import must_be_few

# What a macro may make of a ticket: neither a beginning nor the very end.
AFTER = (Status.OPEN, Status.PENDING, Status.ON_HOLD, Status.SOLVED)


def known_fields_only(text: str) -> None:
    """Refuses fields the vocabulary does not have, and braces that are no field."""
    if strange := unknown_fields(text):
        known = ", ".join(f"{{{name}}}" for name in VOCABULARY)
        raise ValidationError(
            "%(strange)s cannot be filled in. The fields are %(known)s.",
            params={"strange": ", ".join(strange[:5]), "known": known},
        )


class Script(models.Model):
    """What to say, word for word, in a situation that is hard to find words in."""

    class Kind(models.TextChoices):
        GREETING = "greeting", "Greeting"
        HOLD = "hold", "Putting somebody on hold"
        BACK = "back", "Coming back from hold"
        TRANSFER = "transfer", "Transfer"
        ANGRY = "angry", "Angry caller"
        APOLOGY = "apology", "Apology"
        OUTAGE = "outage", "Outage"
        HAND_OVER = "hand_over", "A supervisor takes over"
        REPLY = "reply", "Canned reply"

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    body = models.TextField("words", max_length=10_000, validators=[known_fields_only])
    category = models.ForeignKey(
        Category, models.CASCADE, null=True, blank=True, related_name="+",
        help_text="Offered on tickets of this category only; empty: on every ticket.",
    )  # fmt: skip
    moment = models.PositiveSmallIntegerField(
        "seconds promised", default=60,
        validators=[MinValueValidator(5), MaxValueValidator(1800)],
        help_text="For putting somebody on hold: after so many seconds the agent has to go back. "
        "The field {moment} says it in words.",
    )  # fmt: skip
    active = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering = ["kind", "order", "name"]
        constraints = [
            one_of(
                "kind",
                [
                    "greeting",
                    "hold",
                    "back",
                    "transfer",
                    "angry",
                    "apology",
                    "outage",
                    "hand_over",
                    "reply",
                ],
                "script_kind_known",
                "A script is of no such kind.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Macro(models.Model):
    """Words and changes that belong together, used on a ticket with one click or «/» in the reply."""

    name = models.CharField(max_length=80, unique=True)
    only_for = models.ForeignKey(
        Category, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="only for",
        help_text="Offered on tickets of this category only; empty: on every ticket.",
    )  # fmt: skip
    words = models.TextField(
        "words of the reply", max_length=10_000, blank=True, validators=[known_fields_only],
        help_text="Put into the reply, to be read and sent by a person.",
    )  # fmt: skip
    takes = models.BooleanField("assigns the ticket to who uses it", default=False)
    priority = models.CharField(max_length=6, blank=True, choices=Ticket.Priority.choices)
    category = models.ForeignKey(
        Category, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name="files it under",
    )  # fmt: skip
    tags = models.CharField(
        "adds tags", max_length=300, blank=True, help_text="With commas between them."
    )
    status = models.CharField(
        "then it is", max_length=8, blank=True, choices=[(each.value, words_for(each)) for each in AFTER],
        help_text="Where the macro has words: once the reply has left. Else at once.",
    )  # fmt: skip
    active = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering = ["order", "name"]
        constraints = [
            one_of(
                "priority", ["", *Ticket.Priority.values], "macro_priority_known",
                "There is no such priority.",
            ),
            one_of("status", ["", *AFTER], "macro_status_known", "A macro makes no such status."),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """It does something, and all that it does can be done. Fields in error stay empty here."""
        try:
            must_be_few(len({words.tag(tag).lower() for tag in self.tag_list}))
        except Invalid as refusal:
            raise ValidationError({"tags": refusal.message}) from refusal
        if not (self.words.strip() or self.changes):
            raise ValidationError("Say what the macro writes, or what it changes.")

    @property
    def changes(self) -> bool:
        """Whether it does more than write."""
        return bool(self.takes or self.priority or self.category_id or self.tag_list or self.status)

    @property
    def tag_list(self) -> list[str]:
        return [tag for tag in (each.strip() for each in self.tags.split(",")) if tag]

    @property
    def does(self) -> list[str]:
        """What it changes, in words for who is about to use it."""
        then = words_for(Status(self.status)) if self.status else ""
        return [
            *(["assigned to you"] if self.takes else []),
            *([f"priority {self.get_priority_display().lower()}"] if self.priority else []),
            *([f"filed under «{self.category.name}»"] if self.category else []),
            *(f"tagged «{tag}»" for tag in self.tag_list),
            *([f"once the reply has left: {then}" if self.words.strip() else then] if then else []),
        ]
