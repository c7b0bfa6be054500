"""What a ticket is about: categories and tags."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from tickets.constraints import one_of
from tickets.people.models import Team


class Category(models.Model):
    """What a ticket is about; schedules are chosen by it."""

    class Nature(models.TextChoices):
        QUESTION = "question", "Product question"
        PROBLEM = "problem", "Problem"
        MANAGEMENT = "management", "Needs a management decision"
        SUGGESTION = "suggestion", "Suggestion"

    name = models.CharField(max_length=80, unique=True)
    nature = models.CharField(max_length=12, choices=Nature.choices, default=Nature.QUESTION)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+")
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "categories"
        constraints = [
            one_of(
                "nature",
                ["question", "problem", "management", "suggestion"],
                "category_nature_known",
                "A category has no such nature.",
            ),
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="one_default_category",
                violation_error_message="Another category is the default; unmark it first.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    name = models.CharField(max_length=60)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="tag_name_unique",
                violation_error_message="There is a tag of this name already; case does not count.",
            )
        ]

    def __str__(self) -> str:
        return self.name
