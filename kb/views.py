"""The staff's knowledge base: a list that searches, and one article."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from kb.models import Article
from tickets.access import ticket_for
from tickets.people.models import User
from tickets.rendering import to_html

MOST = 100
OFFERED, GIST = 8, 90
# As the defaults name them; renamed in the admin, they keep their address.
ABOUT_CALLS = ("how-to-log-a-call", "sample-call-log", "difficult-callers")


@login_required
@require_safe
def articles(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "").replace("\x00", "")[:100]
    found = Article.objects.published().saying(words) if words else Article.objects.published()
    return render(request, "kb/articles.html", {"articles": found[:MOST], "words": words})


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
    found = get_object_or_404(Article.objects.published().with_body(), slug=slug)
    return render(
        request,
        "kb/article.html",
        {"article": found, "html": to_html(getattr(found, "body", "") or "")},
    )


@login_required
@require_safe
def offer(request: HttpRequest, ref: str) -> HttpResponse:
    """The articles that say every word typed after «?»: for everybody their text, else their place.

    What is for staff only must not slip into a mail: of it only the title and the address go in.
    """
    ticket_for(cast(User, request.user), ref)
    words = request.GET.get("q", "").replace("\x00", "")[:60]
    found = Article.objects.published().saying(words).order_by("title", "pk")
    offered = [_offered(request, each) for each in found[:OFFERED]]
    context = {"offered": offered, "empty": "No article says that."}
    return render(request, "components/options.html", context)


def _offered(request: HttpRequest, article: Article) -> dict[str, str]:
    body = getattr(article, "body", "") or ""
    is_public = article.audience == Article.Audience.PUBLIC
    address = request.build_absolute_uri(reverse("article", args=[article.slug]))
    gist = " ".join(body.split())[:GIST]
    return {
        "name": article.title,
        "text": body if is_public else f"{article.title} ({address})",
        "gist": gist if is_public else f"Staff only. {gist}",
    }
