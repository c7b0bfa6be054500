"""Writing articles: every save is a revision, and nobody's words are overwritten unseen."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from kb.models import Article, Revision
from tickets.errors import Conflict, Invalid
from tickets.people.models import User
from tickets.rendering import MAX_SOURCE
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
) -> Article:
    """Creates an article, or appends a revision to ``article``. Raises Conflict, Invalid."""
    title, body = title.strip(), checked_body(body)
    if not title or len(title) > 160:
        raise Invalid("A title has 1 to 160 characters.", field="title")
    with transaction.atomic():
        if article is None:
            article = _started(title, [slug] if slug else _free_slugs(title), now)
        fields = {"title": title, "audience": audience, "state": state, "updated_at": now}
        current = article.version if expected_version is None else expected_version
        if not Article.objects.filter(pk=article.pk, version=current).update(
            version=current + 1, **fields
        ):
            raise Conflict(OVERTAKEN)
        Revision.objects.create(
            article=article, number=current + 1, body=body, author=author, at=now
        )
    article.refresh_from_db()
    return article


def checked_body(text: str) -> str:
    """A text that can be shown whole, its line ends as ``\\n``. Raises Invalid."""
    return words.body(text.replace("\r\n", "\n"), most=MAX_SOURCE)


def _started(title: str, slugs: Iterable[str], now: datetime) -> Article:
    """At the first address that is free, also of those taken at this moment. Raises Invalid."""
    for slug in slugs:
        with suppress(IntegrityError), transaction.atomic():
            return Article.objects.create(title=title, slug=slug, updated_at=now)
    raise Invalid("Another article has this address.", field="slug")


def _free_slugs(title: str) -> Iterator[str]:
    base = slugify(title)[:70] or "article"
    taken = set(Article.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    wanted = (base, *(f"{base}-{number}" for number in range(2, 10_000)))
    return (slug for slug in wanted if slug not in taken)
