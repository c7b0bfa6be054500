"""The bell in the bar, what stands behind it, and how one wants to be told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tickets.access import ticket_for
from tickets.people.models import User
from tickets.telling import services
from tickets.telling.forms import PreferencesForm
from tickets.telling.models import Notification
from tickets.telling.words import gist, sentence
from tickets.views.signed_in import reader, writes

AT_A_GLANCE = 8
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
FAR = 10**16  # microseconds: three hundred years
ICONS = {
    "wrote": "envelope", "assigned": "user-plus", "taken": "hand-raised", "mentioned": "at-symbol",
    "noted": "pencil-square", "failed": "exclamation-triangle",
}  # fmt: skip


@never_cache
@login_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The newest; only a few of them where htmx asks for the menu."""
    user, now = reader(request), timezone.now()
    at_a_glance = bool(request.htmx)  # type: ignore[attr-defined]
    rows = services.newest(user, AT_A_GLANCE if at_a_glance else services.MOST)
    context = {
        "lines": [_line(row, user) for row in rows],
        "unread": sum(row.read_at is None for row in rows),
        "most": services.MOST if len(rows) == services.MOST else 0,
        # What came while the page was made, or later, is not read with the rest.
        "until": (rows[0].at - EPOCH) // MICROSECOND if rows else 0,
        "at_a_glance": at_a_glance,
        "now": now,
    }
    part = "#lines" if at_a_glance else ""
    return render(request, f"telling/notifications.html{part}", context)


@never_cache
@login_required
@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """How many the reader has not read; nothing where the bell says so already."""
    return _count(request, request.GET.get("said", ""))


@never_cache
@login_required
@require_POST
def seen(request: HttpRequest, ref: str) -> HttpResponse:
    """The reader's page shows the ticket up to this event and message; how many are left."""
    user = reader(request)
    ticket = ticket_for(user, ref, related=())
    event, message = (_number(request.POST.get(name, "")) for name in ("event", "message"))
    services.read(ticket=ticket, person=user, event=event, message=message, now=timezone.now())
    return _count(request, request.POST.get("said", ""))


@writes
@require_http_methods(["GET", "HEAD", "POST"])
def read(request: HttpRequest) -> HttpResponse:
    """One that is named, or everything that the page showed."""
    if request.method == "POST":
        user, now = reader(request), timezone.now()
        if pk := _number(request.POST.get("one", "")):
            services.read_one(person=user, pk=pk, now=now)
        else:
            until = _number(request.POST.get("until", ""))
            shown = min(EPOCH + min(until, FAR) * MICROSECOND, now)
            services.read_all(person=user, until=shown, now=now)
    return redirect("notifications")


@writes
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    user = reader(request)
    form = PreferencesForm(request.POST if request.method == "POST" else None, person=user)
    if form.is_valid():
        services.prefer(person=user, wanted=form.wanted())
        messages.success(request, "From now on you are told so.")
        return redirect("notification-settings")
    return render(request, "telling/settings.html", {"form": form, "after": _after()})


def _after() -> int:
    return int(services.mailed_after().total_seconds() // 60)


def _count(request: HttpRequest, said: str) -> HttpResponse:
    number = services.unread(reader(request))
    if said == str(number):
        return HttpResponse(status=204)
    more = number - _number(said) if said else 0
    context = {"number": number, "most": services.COUNTED - 1, "more": more}
    return render(request, "telling/count.html", context)


def _line(row: Notification, user: User) -> dict[str, Any]:
    message = row.event.message_id
    return {
        "row": row,
        "icon": ICONS[row.kind],
        "said": sentence(row, user),
        "gist": gist(row),
        "anchor": f"#m{message}" if message else "",
    }


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
