"""Scripts and canned replies: words with fields to fill in."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from kb.scripts.querysets import ScriptQuerySet
from kb.scripts.rendering import OF_OFFERS, VOCABULARY, unknown_fields
from tickets.constraints import one_of
from tickets.errors import Invalid
from tickets.lifecycle import Status
from tickets.lifecycle import words as words_for
from tickets.models import Category, Ticket
from tickets.people.models import Team
from tickets.services import words
from tickets.services.tagging import must_be_few

# What a macro may make of a ticket: neither a beginning nor the very end.
AFTER = (Status.OPEN, Status.PENDING, Status.ON_HOLD, Status.SOLVED)


def known_fields_only(text: str) -> None:
    """Refuses fields the vocabulary does not have, and braces that are no field."""
    if strange := unknown_fields(text):
        known = ", ".join(f"{{{name}}}" for name in VOCABULARY if name not in OF_OFFERS)
        raise ValidationError(
            "%(strange)s cannot be filled in. The fields are %(known)s; in an offer also %(offered)s.",
            params={
                "strange": ", ".join(strange[:5]),
                "known": known,
                "offered": ", ".join(f"{{{name}}}" for name in OF_OFFERS),
            },
        )


def tags_in(text: str) -> list[str]:
    """The tags that somebody typed with commas between them."""
    return [tag for tag in (each.strip() for each in text.split(",")) if tag]


def check_tags(tags: list[str]) -> None:
    """Refuses what cannot be a tag, and more than a ticket may have."""
    try:
        must_be_few(len({words.tag(tag).lower() for tag in tags}))
    except Invalid as refusal:
        raise ValidationError({"tags": refusal.message}) from refusal


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

    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+",
        help_text="Whose own it is: nobody else is offered it. Empty: everybody's.",
    )  # fmt: skip
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

    objects = ScriptQuerySet.as_manager()

    class Meta:
        ordering = ["kind", F("owner").asc(nulls_first=True), "order", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(owner=None), name="script_name_once",
                violation_error_message="There is a script of this name already.",
            ),
            models.UniqueConstraint(
                fields=["owner", "name"], condition=Q(owner__isnull=False),
                name="script_name_once_by_owner",
                violation_error_message="You have a script of this name already.",
            ),
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
        ]  # fmt: skip

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
        check_tags(self.tag_list)
        if not (self.words.strip() or self.changes):
            raise ValidationError("Say what the macro writes, or what it changes.")

    @property
    def changes(self) -> bool:
        """Whether it does more than write."""
        return bool(self.takes or self.priority or self.category_id or self.tag_list or self.status)

    @property
    def tag_list(self) -> list[str]:
        return tags_in(self.tags)

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


class Template(models.Model):
    """What a new ticket starts with, where the same matter comes again and again."""

    name = models.CharField(max_length=80, unique=True)
    subject = models.CharField(max_length=250, blank=True)
    body = models.TextField(
        "what they said", max_length=10_000, blank=True,
        help_text="Such as what has to be asked, line by line. The agent goes on writing there.",
    )  # fmt: skip
    category = models.ForeignKey(
        Category, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name="filed under",
    )  # fmt: skip
    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, related_name="+",
        help_text="Empty: the team of the category.",
    )  # fmt: skip
    priority = models.CharField(max_length=6, blank=True, choices=Ticket.Priority.choices)
    tags = models.CharField(max_length=300, blank=True, help_text="With commas between them.")
    active = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering = ["order", "name"]
        constraints = [
            one_of(
                "priority", ["", *Ticket.Priority.values], "template_priority_known",
                "There is no such priority.",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """It fills something in, and its tags can be tags. Fields in error stay empty here."""
        check_tags(tags_in(self.tags))
        if not any(
            (self.subject, self.body, self.category_id, self.team_id, self.priority, self.tags)
        ):
            raise ValidationError("Say what the template fills in.")

    @property
    def fills(self) -> list[str]:
        """What it fills in, in words for who is about to choose it."""
        return [
            *([f"«{self.subject.strip()}»"] if self.subject else []),
            *([f"filed under «{self.category.name}»"] if self.category else []),
            *([f"for team {self.team.name}"] if self.team else []),
            *([f"priority {self.get_priority_display().lower()}"] if self.priority else []),
            *(f"tagged «{tag}»" for tag in tags_in(self.tags)),
            *(["words to go on from"] if self.body else []),
        ]
