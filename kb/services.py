"""Writing articles: every save is a revision, and nobody's words are overwritten unseen."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from kb.fitting import weights
from kb.models import Article, ArticleWord, Revision
from tickets.errors import Conflict, Invalid
from tickets.people.models import User
from tickets.rendering import MAX_SOURCE, too_much
from tickets.services import words

OVERTAKEN = "Somebody saved this article while you wrote; compare before you save."


def write_article(
    *,
    title: str,
    body: str,
    now: datetime,
    author: User | None = None,
    article: Article | None = None,
    expected_version: int | None = None,
    audience: str = Article.Audience.STAFF,
    state: str = Article.State.DRAFT,
    slug: str = "",
    proposed_by: User | None = None,
) -> Article:
    """Creates an article, or appends a revision to ``article``. Raises Conflict, Invalid.

    ``proposed_by`` is who drafts a new one at the desk.
    """
    title, body = title.strip(), checked_body(body)
    if not title or len(title) > 160:
        raise Invalid("A title has 1 to 160 characters.", field="title")
    with transaction.atomic():
        if article is None:
            article = _started(title, [slug] if slug else _free_slugs(title), now, proposed_by)
        fields = {"title": title, "audience": audience, "state": state, "updated_at": now}
        current = article.version if expected_version is None else expected_version
        if not Article.objects.filter(pk=article.pk, version=current).update(
            version=current + 1, **fields
        ):
            raise Conflict(OVERTAKEN)
        Revision.objects.create(
            article=article, number=current + 1, body=body, author=author, at=now
        )
        _keep_words(article, title, body)
    article.refresh_from_db()
    return article


def checked_body(text: str) -> str:
    """A text that can be shown whole and set, its line ends as ``\\n``. Raises Invalid."""
    body = words.body(text.replace("\r\n", "\n"), most=MAX_SOURCE)
    if because := too_much(body):
        raise Invalid(because, field="body")
    return body


def _keep_words(article: Article, title: str, body: str) -> None:
    ArticleWord.objects.filter(article=article).delete()
    ArticleWord.objects.bulk_create(
        ArticleWord(article=article, word=word, weight=its.weight, is_in_title=its.is_in_title)
        for word, its in weights(title, body).items()
    )


def _started(title: str, slugs: Iterable[str], now: datetime, proposed_by: User | None) -> Article:
    """At the first address that is free, also of those taken at this moment. Raises Invalid."""
    for slug in slugs:
        with suppress(IntegrityError), transaction.atomic():
            return Article.objects.create(
                title=title, slug=slug, updated_at=now, proposed_by=proposed_by
            )
    raise Invalid("Another article has this address.", field="slug")


def _free_slugs(title: str) -> Iterator[str]:
    base = slugify(title)[:70] or "article"
    taken = set(Article.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    wanted = (base, *(f"{base}-{number}" for number in range(2, 10_000)))
    return (slug for slug in wanted if slug not in taken)
