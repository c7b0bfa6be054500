"""Writing articles: every save is a revision, and nobody's words are overwritten unseen."""

from datetime import datetime

from django.db import transaction
from django.utils.text import slugify

from kb.models import Article, Revision
from tickets.errors import Conflict, Invalid
from tickets.people.models import User

MAX_BODY = 100_000


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
    title, body = title.strip(), body.replace("\r\n", "\n").strip()
    if not title or len(title) > 160:
        raise Invalid("A title has 1 to 160 characters.", field="title")
    if not body or len(body) > MAX_BODY or "\x00" in body:
        raise Invalid(f"A text has 1 to {MAX_BODY:,} characters.", field="body")
    with transaction.atomic():
        if article is None:
            article = Article.objects.create(
                title=title, slug=slug or _free_slug(title), updated_at=now
            )
        fields = {"title": title, "audience": audience, "state": state, "updated_at": now}
        current = article.version if expected_version is None else expected_version
        if not Article.objects.filter(pk=article.pk, version=current).update(
            version=current + 1, **fields
        ):
            raise Conflict("Somebody saved this article while you wrote; compare before you save.")
        Revision.objects.create(
            article=article, number=current + 1, body=body, author=author, at=now
        )
    article.refresh_from_db()
    return article


def _free_slug(title: str) -> str:
    base = slugify(title)[:70] or "article"
    taken = set(Article.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(
        slug for slug in (base, *(f"{base}-{n}" for n in range(2, 10_000))) if slug not in taken
    )
