"""One action on one's own call: fetch, do, and show how it stands, as a page or as the bar."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from tickets.access import call_for
from tickets.calls.models import Call
from tickets.errors import ServiceRefused
from tickets.people.models import User
from tickets.views.signed_in import reader, writes

Deed = Callable[[Call, User, datetime], object]


def posted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """An action on a call: signed in and by POST; anything else goes to the call."""

    @writes
    @wraps(view)
    def guarded(request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return redirect("call", pk)
        return view(request, pk, **kwargs)

    return guarded


def act(request: HttpRequest, pk: int, do: Deed, done: str = "") -> HttpResponse:
    """Does it. htmx gets the bar, and every part that shows the call is told; others a redirect."""
    user, now = reader(request), timezone.now()
    call = call_for(user, pk)
    try:
        do(call, user, now)
    except ServiceRefused as refusal:
        return answer(request, call, refused=refusal.message)
    return answer(request, call, done)


def answer(
    request: HttpRequest, call: Call, done: str = "", *, refused: str = "", warns: bool = False
) -> HttpResponse:
    """``warns``: it is done, and not all is well with it."""
    if request.htmx:  # type: ignore[attr-defined]
        context = {"done": done, "call_refused": refused}
        response = render(request, "calls/bar.html", context, status=409 if refused else 200)
        response["HX-Trigger"] = "call-changed"
        return response
    if refused or done:
        (messages.warning if refused or warns else messages.success)(request, refused or done)
    return redirect(came_from(request) or reverse("call", args=[call.pk]))


def came_from(request: HttpRequest) -> str:
    """The page of ours on which the button was; empty where none is named."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, None) and wanted.startswith("/")
    return wanted if safe else ""
