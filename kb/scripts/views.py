"""The ticket's scripts: ready to read aloud or to put into the composer."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from kb.scripts.services import scripts_for
from tickets.access import ticket_for
from tickets.people.models import User

MOST = 8
GIST = 90


@login_required
@require_safe
def offer(request: HttpRequest, ref: str) -> HttpResponse:
    """The scripts whose name has every word that was typed after «/», those that begin so first."""
    user = cast(User, request.user)
    ticket = ticket_for(user, ref)
    words = request.GET.get("q", "")[:60].lower().split()
    filled = scripts_for(ticket=ticket, user=user, now=timezone.now())
    named = [each for each in filled if all(word in each.script.name.lower() for word in words)]
    named.sort(key=lambda each: not each.script.name.lower().startswith(" ".join(words)))
    offered = [
        {
            "name": each.script.name,
            "text": each.text,
            "gist": each.warning or " ".join(each.text.split())[:GIST],
        }
        for each in named[:MOST]
    ]
    context = {"offered": offered, "empty": "No script is called so."}
    return render(request, "components/options.html", context)


@login_required
@require_safe
def panel(request: HttpRequest, ref: str) -> HttpResponse:
    user = cast(User, request.user)
    ticket = ticket_for(user, ref)
    template = (
        "kb/scripts_panel.html" if request.headers.get("HX-Request") else "kb/scripts_page.html"
    )
    filled = scripts_for(ticket=ticket, user=user, now=timezone.now())
    return render(request, template, {"ticket": ticket, "scripts": filled})
