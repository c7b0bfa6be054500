"""A screen on the wall: big numbers that renew themselves."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from escalation.wall import wall as numbers_of
from tickets.access import NotAllowed
from tickets.leading import watched_by
from tickets.views.signed_in import reader
from tickets.words import shown


@login_required
@require_safe
@never_cache
def wall(request: HttpRequest) -> HttpResponse:
    """Of every team the reader works in, or of ``?team=`` alone; only the numbers for htmx."""
    now, teams = timezone.now(), list(watched_by(reader(request)))
    if not teams:
        raise NotAllowed("The wall shows the teams you work in, and you are in none.")
    chosen = next((team for team in teams if str(team.pk) == request.GET.get("team")), None)
    began = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    context = {
        "wall": numbers_of([chosen] if chosen else teams, now=now, day_began=began),
        "teams": [(team.pk, shown(team.name)) for team in teams],
        "chosen": chosen,
        "title": shown((chosen or teams[0]).name) if chosen or len(teams) == 1 else "All teams",
        "now": now,
    }
    part = bool(getattr(request, "htmx", False))
    name = "escalation/wall.html"
    return render(request, f"{name}#numbers" if part else name, context)
