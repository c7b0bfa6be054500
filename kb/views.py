"""The staff's knowledge base: a list that searches, and one article."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from kb.models import Article
from kb.rendering import to_html

MOST = 100


@login_required
@require_safe
def articles(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "").replace("\x00", "")[:100]
    found = Article.objects.published().saying(words) if words else Article.objects.published()
    return render(request, "kb/articles.html", {"articles": found[:MOST], "words": words})


@login_required
@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Article.objects.published().with_body(), slug=slug)
    return render(
        request,
        "kb/article.html",
        {"article": found, "html": to_html(getattr(found, "body", "") or "")},
    )
