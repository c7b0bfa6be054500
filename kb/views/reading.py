"""The staff's knowledge base: a list that searches, and one article."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from kb.access import changes_article, publishes_articles
from kb.forms import SetAsideForm
from kb.models import Article
from tickets.people.models import User
from tickets.rendering import to_html
from tickets.views.signed_in import reader

MOST, MOST_OWN = 100, 20
# As the defaults name them; renamed in the admin, they keep their address.
ABOUT_CALLS = ("how-to-log-a-call", "sample-call-log", "difficult-callers")


@login_required
@require_safe
def articles(request: HttpRequest) -> HttpResponse:
    """What is published; without a question also what waits to be, for those whom it concerns."""
    words = request.GET.get("q", "").replace("\x00", "")[:100]
    found = Article.objects.published().saying(words) if words else Article.objects.published()
    drafts = {} if words else _drafts(reader(request))
    context = {"articles": found[:MOST], "words": words, **drafts}
    return render(request, "kb/articles.html", context)


@login_required
@require_safe
def about_calls(request: HttpRequest) -> HttpResponse:
    """How calls are logged, and a log as it should look: for the page of the phone, or as a page."""
    found = Article.objects.published().filter(slug__in=ABOUT_CALLS).order_by("pk")
    if request.headers.get("HX-Request"):
        return render(request, "kb/links.html", {"articles": found})
    return render(request, "kb/articles.html", {"articles": found, "words": ""})


@login_required
@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """As a page, or its text alone where another page reads it in place."""
    user = reader(request)
    readable = Article.objects.readable_by(user).select_related("proposed_by").with_body()
    return shown(request, user, get_object_or_404(readable, slug=slug))


def shown(
    request: HttpRequest, user: User, found: Article, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"article": found, "html": to_html(getattr(found, "body", "") or "")}
    if request.headers.get("HX-Request") and not more:
        return render(request, "kb/article.html#text", context)
    is_published = found.state == Article.State.PUBLISHED
    context |= {
        "may_change": changes_article(user, found.proposed_by_id, is_published=is_published),
        "may_publish": publishes_articles(user) and found.state == Article.State.DRAFT,
        "aside": SetAsideForm(),
        **more,
    }
    return render(request, "kb/article.html", context, status=status)


def _drafts(user: User) -> dict[str, Any]:
    waiting = Article.objects.waiting().select_related("proposed_by").order_by("updated_at", "pk")
    return {
        "waiting": waiting[:MOST] if publishes_articles(user) else [],
        "own": Article.objects.proposed_by(user)[:MOST_OWN],
    }
