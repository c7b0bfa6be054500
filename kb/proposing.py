"""Drafts of articles at the desk: proposed, revised, published or set aside."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from kb.access import may_change_article, may_publish_articles, publishes_articles
from kb.models import Article
from kb.services import write_article
from tickets.errors import Conflict, ServiceRefused, TooLate
from tickets.models import Message, Ticket
from tickets.people.models import User
from tickets.services import words

State = Article.State
_MEANWHILE = "Somebody changed it after you opened it. Read it once more, then decide."


def propose(*, title: str, body: str, audience: str, author: User, now: datetime) -> Article:
    """A draft for those who publish. Raises Invalid."""
    return write_article(
        title=title, body=body, audience=audience, author=author, proposed_by=author, now=now
    )


def revise(
    *, article: Article, title: str, body: str, audience: str, version: int | None, author: User,
    now: datetime,
) -> Article:  # fmt: skip
    """A revision of what ``author`` read at ``version``. What was set aside is a draft again where
    its proposer writes it anew. Raises NotAllowed, Conflict, Invalid."""
    with transaction.atomic():
        held = Article.objects.select_for_update().get(pk=article.pk)
        is_published = held.state == State.PUBLISHED
        may_change_article(author, held.proposed_by_id, is_published=is_published)
        state = held.state if publishes_articles(author) else State.DRAFT
        written = write_article(
            title=title, body=body, audience=audience, state=state, author=author, now=now,
            article=held, expected_version=-1 if version is None else version,
        )  # fmt: skip
        if state != State.RETIRED and written.remark:
            # The reason was one against the words that stood there.
            written.remark = ""
            written.save(update_fields=["remark"])
        return written


def publish(*, article: Article, version: int | None, actor: User, now: datetime) -> None:
    """Everybody at the desk reads it from now on, as it was at ``version``.

    Raises NotAllowed, TooLate, Conflict.
    """
    may_publish_articles(actor)
    _decide(article, version, state=State.PUBLISHED, remark="", updated_at=now)


def set_aside(
    *, article: Article, version: int | None, reason: str, actor: User, now: datetime
) -> None:
    """Not published, for a ``reason`` that its proposer reads. Raises NotAllowed, TooLate, Conflict,
    Invalid."""
    may_publish_articles(actor)
    remark = words.reason(reason)
    _decide(article, version, state=State.RETIRED, remark=remark, updated_at=now)


def begun_from(ticket: Ticket) -> dict[str, str]:
    """What a draft about ``ticket`` starts with: its subject, and what the customer was answered."""
    replies = ticket.messages.public().filter(kind=Message.Kind.REPLY).order_by("-at", "-pk")
    body = replies.values_list("body", flat=True).first()
    return {"title": ticket.subject[:160], "body": body or ""}


def _decide(article: Article, version: int | None, **fields: object) -> None:
    """Conditional, so that of two who decide at once one is told."""
    drafts = Article.objects.waiting().filter(
        pk=article.pk, version=-1 if version is None else version
    )
    if not drafts.update(**fields):
        raise _why(article)


def _why(article: Article) -> ServiceRefused:
    article.refresh_from_db(fields=["state"])
    if article.state == State.DRAFT:
        return Conflict(_MEANWHILE)
    said = "published" if article.state == State.PUBLISHED else "set aside"
    return TooLate(f"It was {said} already.")
