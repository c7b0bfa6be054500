"""Articles and their revisions: what everyone should know."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from kb.querysets import ArticleQuerySet
from tickets.constraints import one_of


class Article(models.Model):
    """A page of the knowledge base. What it says is its latest revision; earlier ones stay."""

    class Audience(models.TextChoices):
        STAFF = "staff", "Staff only"
        PUBLIC = "public", "Everybody"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        RETIRED = "retired", "Retired"

    title = models.CharField(max_length=160)
    slug = models.SlugField(max_length=80, unique=True)
    audience = models.CharField(max_length=6, choices=Audience.choices, default=Audience.STAFF)
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    version = models.PositiveIntegerField(default=0, help_text="The number of its latest revision.")
    updated_at = models.DateTimeField()

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            one_of(
                "audience",
                ["staff", "public"],
                "article_audience_known",
                "An article is for the staff or for everybody.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "published", "retired"]),
                name="article_state_known",
                violation_error_message="An article has no such state.",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Revision(models.Model):
    """Append-only: what an article said, and who wrote it."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    body = models.TextField(help_text="Markdown.")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["article", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "number"],
                name="revision_number_once",
                violation_error_message="This article has a revision of this number already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.article} revision {self.number}"
