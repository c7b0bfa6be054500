"""Who gets which ticket: whose turn it is in a team, what needs which skill, what still waits."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from tickets.models import Category, Tag, Ticket
from tickets.people.models import Skill, Team, User
from tickets.people.models.customers import known_language


class Turn(models.Model):
    """Who of a team was given a ticket last. Taking it makes others of the team's tickets wait."""

    team = models.OneToOneField(Team, models.CASCADE, related_name="turn")
    last = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"Turn {self.number} of {self.team_id}"


class Need(models.Model):
    """Tickets of a category, with a tag, or of a customer's language need a skill."""

    skill = models.ForeignKey(Skill, models.CASCADE, related_name="needs")
    category = models.ForeignKey(
        Category, models.CASCADE, null=True, blank=True, related_name="needs"
    )
    tag = models.ForeignKey(Tag, models.CASCADE, null=True, blank=True, related_name="needs")
    language = models.CharField(
        max_length=12, blank=True, validators=[known_language],
        help_text="Of the customer, such as de or pt-br.",
    )  # fmt: skip

    class Meta:
        ordering = ["skill", "pk"]
        verbose_name = "needed skill"
        constraints = [
            models.UniqueConstraint(
                fields=["skill", "category"],
                name="need_of_category_once",
                violation_error_message="This category needs this skill already.",
            ),
            models.UniqueConstraint(
                fields=["skill", "tag"],
                name="need_of_tag_once",
                violation_error_message="This tag needs this skill already.",
            ),
            models.UniqueConstraint(
                fields=["skill", "language"],
                condition=~Q(language=""),
                name="need_of_language_once",
                violation_error_message="This language needs this skill already.",
            ),
            models.CheckConstraint(
                condition=Q(category__isnull=False, tag__isnull=True, language="")
                | Q(category__isnull=True, tag__isnull=False, language="")
                | (Q(category__isnull=True, tag__isnull=True) & ~Q(language="")),
                name="need_of_one_thing",
                violation_error_message="Say what needs the skill: one category, one tag or one "
                "language. For several, add a line for each.",
            ),
        ]

    def clean(self) -> None:
        said = [each for each in (self.category_id, self.tag_id, self.language) if each]
        if len(said) != 1:
            raise ValidationError(
                "Say what needs the skill: one category, one tag or one language. "
                "For several, add a line for each."
            )

    @property
    def of_what(self) -> str:
        if self.category_id:
            return f"category {self.category}"
        return f"tag {self.tag}" if self.tag_id else f"language {self.language}"

    def __str__(self) -> str:
        return f"{self.of_what} needs {self.skill}"


class Waiting(models.Model):
    """A ticket for which nobody could be found; it is tried again until somebody is there."""

    ticket = models.OneToOneField(Ticket, models.CASCADE, related_name="waits_for_somebody")
    because = models.CharField(max_length=250)
    since = models.DateTimeField()
    tried_at = models.DateTimeField()

    class Meta:
        ordering = ["tried_at", "pk"]
        verbose_name = "ticket without a person"
        verbose_name_plural = "tickets without a person"
        indexes = [models.Index(fields=["tried_at", "id"], name="waiting_tried")]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.because}"
