"""A customer's mail as it came, in a frame that runs nothing; pictures that lie elsewhere on request."""

from __future__ import annotations

from csp.constants import NONE, SELF
from csp.decorators import csp
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from tickets.access import Action
from tickets.inbound.letters import Letter, letter
from tickets.inbound.models import RawMail
from tickets.inbound.parsing import Unparsable
from tickets.models import Message
from tickets.views.writing import message_of

ASKED = "pictures"
# The frame has an origin of its own, so that nothing in it is of the desk; links open beside it.
_FRAME = {
    "default-src": [NONE],
    "style-src": ["'unsafe-inline'"],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}
_INSIDE, _ANYWHERE = ["data:"], ["data:", "https:", "http:"]


@login_required
@require_safe
def original(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """The page around the frame: who wrote to whom, and the question about pictures."""
    message = message_of(request, ref, pk, Action.READ)
    asked = ASKED in request.GET
    context = {
        "ticket": message.ticket,
        "message": message,
        "letter": _letter(message, asked),
        "asked": asked,
    }
    return render(request, "tickets/original.html", context)


@login_required
@require_safe
@cache_control(private=True, no_store=True)
@xframe_options_sameorigin
def frame(request: HttpRequest, ref: str, pk: int) -> HttpResponseBase:
    """What the frame holds; alone it is as harmless, for its answer says so."""
    message, asked = message_of(request, ref, pk, Action.READ), ASKED in request.GET
    found = _letter(message, asked)
    policy = _FRAME | {"img-src": _ANYWHERE if asked else _INSIDE}

    @csp(policy)
    def drawn(request: HttpRequest) -> HttpResponse:
        return render(request, "tickets/letter.html", {"letter": found})

    answer = drawn(request)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _letter(message: Message, pictures: bool) -> Letter:
    rows = RawMail.objects.filter(message=message).order_by("pk")
    raw = rows.values_list("raw", flat=True).first()
    if raw is None:
        raise Http404("This message did not come by mail, or its mail is not kept any more.")
    try:
        return letter(bytes(raw), pictures=pictures)
    except Unparsable as problem:
        raise Http404(f"The mail cannot be shown as it came: {problem}") from problem
