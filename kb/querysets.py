"""Reads of articles that chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models
from django.db.models import OuterRef, Q, Subquery

if TYPE_CHECKING:
    from kb.models import Article  # noqa: F401


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self) -> ArticleQuerySet:
        return self.filter(state="published")

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
