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
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        help_text="Who drafted it at the desk; empty: an admin wrote it.",
    )  # fmt: skip
    remark = models.CharField(
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text="Why a draft was set aside, for who proposed it.",
    )

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

    @property
    def is_public(self) -> bool:
        """Whether what it says may be passed on to customers."""
        return self.audience == self.Audience.PUBLIC


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


class ArticleWord(models.Model):
    """A word of an article's latest revision, cut as ``fitting`` cuts, and what it says of it."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="words")
    word = models.CharField(max_length=12)
    weight = models.FloatField()
    is_in_title = models.BooleanField(default=False)

    class Meta:
        ordering = ["article", "word"]
        constraints = [
            models.UniqueConstraint(
                fields=["word", "article"], name="article_word_once",
                violation_error_message="This article has this word already.",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.word
