"""Articles where a reply is written: those typed for after «?», and those that fit unasked."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from kb.models import Article
from kb.suggesting import suggested
from tickets.access import Action, may, ticket_for
from tickets.lifecycle import Status
from tickets.models import Message
from tickets.services import drafting
from tickets.services.locking import over
from tickets.views.acting import back_to
from tickets.views.reasons import reason
from tickets.views.signed_in import posted, reader

OFFERED, GIST = 8, 90


@login_required
@require_safe
def offer(request: HttpRequest, ref: str) -> HttpResponse:
    """The articles that say every word typed after «?»: for everybody their text, else their place.

    What is for staff only must not slip into a mail: of it only the title and the address go in.
    """
    ticket_for(reader(request), ref)
    words = request.GET.get("q", "").replace("\x00", "")[:60]
    found = Article.objects.published().saying(words).order_by("title", "pk")
    offered = [_offered(request, each) for each in found[:OFFERED]]
    context = {"offered": offered, "empty": "No article says that."}
    return render(request, "components/options.html", context)


@login_required
@require_safe
def panel(request: HttpRequest, ref: str) -> HttpResponse:
    """What fits the words of the ticket best, each with what it puts into the reply."""
    user = reader(request)
    ticket = ticket_for(user, ref)
    may_reply = ticket.status != Status.CLOSED and may(user, Action.REPLY, ticket)
    found = [(each, _words(request, each)) for each in suggested(ticket)]
    context = {"ticket": ticket, "articles": found, "may_reply": may_reply}
    is_part = request.headers.get("HX-Request")
    return render(request, f"kb/fitting.html{'#panel' if is_part else ''}", context)


@posted
def put_in(request: HttpRequest, ref: str, slug: str) -> HttpResponse:
    """Its words below what is drafted in the reply: what the button does where no script runs."""
    user, now = reader(request), timezone.now()
    ticket = ticket_for(user, ref, action=Action.REPLY)
    article = get_object_or_404(Article.objects.published().with_body(), slug=slug)
    kind = Message.Kind.REPLY.value
    if ticket.status == Status.CLOSED:
        refusal = over(ticket, "Nothing is written on it any more.")
        messages.warning(request, reason(refusal, ticket, user, now))
    else:
        drafting.add(ticket=ticket, author=user, kind=kind, text=_words(request, article), now=now)
        messages.success(request, f"«{article.title}» is in your reply.")
    return back_to(user, ticket, request, "#reply")


def _offered(request: HttpRequest, article: Article) -> dict[str, str]:
    gist = " ".join((getattr(article, "body", "") or "").split())[:GIST]
    return {
        "name": article.title,
        "text": _words(request, article),
        "gist": gist if article.is_public else f"Staff only. {gist}",
    }


def _words(request: HttpRequest, article: Article) -> str:
    if article.is_public:
        return getattr(article, "body", "") or ""
    address = request.build_absolute_uri(reverse("article", args=[article.slug]))
    return f"{article.title} ({address})"
