"""Drafts: the page keeps what is typed, a moment after the last key."""

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from tickets.access import Action, NotAllowed, ticket_for
from tickets.errors import Invalid
from tickets.models import Ticket
from tickets.services import drafting
from tickets.views.signed_in import reader

_NEEDS = {"reply": Action.REPLY, "progress": Action.REPLY, "note": Action.NOTE}


@login_required
@require_POST
def keep(request: HttpRequest, ref: str, kind: str) -> HttpResponse:
    """Says when it was kept, for the line below the text; nothing where there is none any more."""
    now, user = timezone.now(), reader(request)
    ticket = ticket_for(user, ref, action=_NEEDS.get(kind, Action.NOTE))
    try:
        kept = keep_typed(request, ticket, kind, now)
    except Invalid as refusal:
        raise NotAllowed(refusal.message) from refusal
    at = timezone.localtime(now)
    return HttpResponse(format_html("Draft kept, {}", at.strftime("%H:%M:%S")) if kept else "")


def keep_typed(request: HttpRequest, ticket: Ticket, kind: str, now: datetime) -> bool:
    """Keeps what the request brought, as ``drafting.keep`` does."""
    return drafting.keep(
        ticket=ticket, author=reader(request), kind=kind, now=now, since=_since(request),
        body=request.POST.get("body", ""), cc=request.POST.get("cc"),
        shown=request.POST.getlist("shown"),
    )  # fmt: skip


def _since(request: HttpRequest) -> datetime | None:
    """When the page was loaded, as it says itself."""
    try:
        at = parse_datetime(request.POST.get("since", ""))
    except ValueError:
        return None
    return at if at and at.tzinfo else None
