"""Reads of articles that chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models
from django.db.models import OuterRef, Q, Subquery

from kb.access import publishes_articles

if TYPE_CHECKING:
    from kb.models import Article  # noqa: F401
    from tickets.people.models import User


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self) -> ArticleQuerySet:
        return self.filter(state="published")

    def waiting(self) -> ArticleQuerySet:
        """Drafts, to be read and published by who may."""
        return self.filter(state="draft")

    def proposed_by(self, user: User) -> ArticleQuerySet:
        """What ``user`` has drafted at the desk, whatever became of it; the newest first."""
        return self.filter(proposed_by=user).order_by("-updated_at", "-pk")

    def readable_by(self, user: User) -> ArticleQuerySet:
        """Published ones; those that are not, for who publishes and for who proposed them."""
        if publishes_articles(user):
            return self
        return self.filter(Q(state="published") | Q(proposed_by=user))

    def with_body(self) -> ArticleQuerySet:
        """Each with its latest revision's text as ``body``, in the same query."""
        revisions = apps.get_model("kb", "Revision")._default_manager
        latest = revisions.filter(article=OuterRef("pk"), number=OuterRef("version"))
        return self.annotate(body=Subquery(latest.values("body")[:1]))

    def saying(self, words: str) -> ArticleQuerySet:
        """Articles in which every word of ``words`` occurs, in the title or the text."""
        found = self.with_body()
        for word in words.split()[:8]:
            found = found.filter(Q(title__icontains=word) | Q(body__icontains=word))
        return found
