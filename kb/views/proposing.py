"""Drafting an article at the desk, and deciding about a draft."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from kb import proposing
from kb.access import may_change_article, may_publish_articles, publishes_articles
from kb.forms import ArticleForm, PublishForm, SetAsideForm
from kb.models import Article
from kb.views.reading import shown
from tickets.access import ticket_for
from tickets.errors import Conflict, ServiceRefused
from tickets.models import Ticket
from tickets.views.signed_in import reader, writes


@writes
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """``?ticket=`` is what it is written about: its subject and its last answer stand there already."""
    user, ref = reader(request), request.GET.get("ticket", "")
    ticket = ticket_for(user, ref) if ref else None
    if request.method != "POST":
        begun = proposing.begun_from(ticket) if ticket else {}
        return _page(request, ArticleForm(initial=begun), ticket=ticket)
    form = ArticleForm(request.POST)
    if not form.is_valid():
        return _page(request, form, 422, ticket=ticket)
    try:
        article = proposing.propose(**form.words, author=user, now=timezone.now())
    except ServiceRefused as refusal:
        form.refuse(refusal)
        return _page(request, form, 422, ticket=ticket)
    whose = "you" if publishes_articles(user) else "a supervisor or an admin"
    messages.success(request, f"Kept as a draft: {whose} can publish it.", extra_tags="saved")
    return redirect("article", article.slug)


@writes
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, slug: str) -> HttpResponse:
    user, article = reader(request), _readable(request, slug)
    is_published = article.state == Article.State.PUBLISHED
    may_change_article(user, article.proposed_by_id, is_published=is_published)
    if request.method != "POST":
        return _page(request, ArticleForm.of(article), article=article)
    form = ArticleForm(request.POST)
    if not form.is_valid():
        return _page(request, form, 422, article=article)
    try:
        proposing.revise(
            article=article, author=user, now=timezone.now(),
            version=form.cleaned_data["version"], **form.words,
        )  # fmt: skip
    except ServiceRefused as refusal:
        present = _readable(request, slug)
        form.refuse(refusal, present.version)
        overtaken = present if isinstance(refusal, Conflict) else None
        return _page(request, form, _status_of(refusal), article=present, overtaken=overtaken)
    messages.success(request, "Saved as a new revision.", extra_tags="saved")
    return redirect("article", slug)


@writes
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    form = PublishForm(request.POST)

    def decide(article: Article) -> str:
        proposing.publish(
            article=article, version=form.version_read, actor=reader(request), now=timezone.now()
        )
        return "Published: everybody at the desk reads it now."

    return _decided(request, slug, form, decide)


@writes
def set_aside(request: HttpRequest, slug: str) -> HttpResponse:
    form = SetAsideForm(request.POST)

    def decide(article: Article) -> str:
        proposing.set_aside(
            article=article, version=form.version_read, reason=form.data.get("reason", ""),
            actor=reader(request), now=timezone.now(),
        )  # fmt: skip
        return "Set aside. Who proposed it reads why."

    return _decided(request, slug, form, decide)


def _decided(
    request: HttpRequest, slug: str, form: PublishForm, decide: Callable[[Article], str]
) -> HttpResponse:
    """Back to the article; refused, the article as it is now, with why and what was typed."""
    if request.method != "POST":
        return redirect("article", slug)
    user, article = reader(request), _readable(request, slug)
    may_publish_articles(user)
    try:
        said = decide(article)
    except ServiceRefused as refusal:
        form.is_valid()
        form.refuse(refusal)
        return shown(request, user, _readable(request, slug), _status_of(refusal), aside=form)
    messages.success(request, said, extra_tags="saved")
    return redirect("article", slug)


def _status_of(refusal: ServiceRefused) -> int:
    return 409 if isinstance(refusal, Conflict) else 422


def _readable(request: HttpRequest, slug: str) -> Article:
    rows = Article.objects.readable_by(reader(request)).select_related("proposed_by")
    return get_object_or_404(rows.with_body(), slug=slug)


def _page(
    request: HttpRequest,
    form: ArticleForm,
    status: int = 200,
    *,
    article: Article | None = None,
    ticket: Ticket | None = None,
    overtaken: Article | None = None,
) -> HttpResponse:
    """``overtaken`` is what somebody has saved meanwhile, to be compared."""
    context = {"form": form, "article": article, "ticket": ticket, "overtaken": overtaken}
    return render(request, "kb/article_form.html", context, status=status)
