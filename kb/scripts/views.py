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
