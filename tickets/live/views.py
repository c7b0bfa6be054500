"""What browsers ask for: the token of the stream, whether anything changed, who else is here."""

import time
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tickets.access import NoSuchTicket, ticket_for
from tickets.live.hearing import token_for
from tickets.live.presence import Doing, beat
from tickets.models import Ticket
from tickets.people.models import User
from tickets.views.signed_in import reader

# What happened while a page was put together is told once more, rather than never.
WHILE_MADE = 1.0


def page(request: HttpRequest) -> dict[str, Any]:
    """For every template: where the stream is, and since when this page needs to hear of changes."""
    since = int((time.time() - WHILE_MADE) * 1000)
    return {"live": {"stream": settings.LIVE_URL, "since": since}}


@never_cache
@require_safe
def poll(request: HttpRequest) -> JsonResponse:
    """A token for the stream, the time here; and, for who has none, marks that are others after a
    change. ``now`` is in milliseconds: a browser's clock may be hours off, and badges tick."""
    if not request.user.is_authenticated:
        return JsonResponse({"detail": "You are signed out."}, status=401)
    user = reader(request)
    ticket = _asked(user, request.GET.get("ticket", ""))
    now = time.time()
    token, lasts = token_for(user, ticket, now)
    marks = {"desk": _newest(user), "ticket": _mark(ticket) if ticket else None}
    return JsonResponse({"token": token, "lasts": lasts, "now": int(now * 1000), **marks})


@never_cache
@login_required
@require_POST
def presence(request: HttpRequest, ref: str) -> HttpResponse:
    """This window is on the ticket; the answer shows who else is."""
    user = reader(request)
    ticket = ticket_for(user, ref, related=())
    window, doing = request.POST.get("window", ""), request.POST.get("doing", "")
    if not (window.isascii() and window.isalnum() and len(window) <= 16) or doing not in set(Doing):
        return HttpResponse("Nothing that a window does.", status=400)
    company = beat(ticket=ticket, user=user, window=window, doing=Doing(doing), now=time.time())
    return render(request, "live/presence.html", {"company": company})


def elsewhere(request: HttpRequest) -> HttpResponse:
    """Where the pages are served without the stream: nothing comes, and browsers ask instead."""
    return HttpResponse(status=204)


def _asked(user: User, ref: str) -> Ticket | None:
    try:
        return ticket_for(user, ref, related=()) if ref else None
    except NoSuchTicket:
        return None


def _newest(user: User) -> str:
    """When the last change of all that they see was."""
    seen = Ticket.objects.visible_to(user).order_by("-updated_at", "-pk")
    last = seen.values_list("updated_at", flat=True)[:1]
    return "".join(at.isoformat() for at in last)


def _mark(ticket: Ticket) -> dict[str, Any]:
    last = ticket.events.order_by("-pk").values_list("pk", flat=True)[:1]
    return {"reference": ticket.reference, "version": ticket.version, "event": sum(last)}
