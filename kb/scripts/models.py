"""Scripts and canned replies: words with fields to fill in."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from kb.scripts.rendering import VOCABULARY, unknown_fields
from tickets.constraints import one_of
from tickets.models import Category


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
