"""Scripts of a ticket and of a call: ready to read aloud or to put into the composer."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from kb.scripts.models import Script
from kb.scripts.services import Filled, scripts_for, scripts_on
from tickets.access import call_for, ticket_for
from tickets.calls.models import Hold
from tickets.people.models import User

MOST = 8
GIST = 90
Kind = Script.Kind
# Not said on the phone.
WRITTEN = {Kind.REPLY}
# What is needed at once comes first.
TURN: dict[str, int] = {
    kind: turn
    for turn, kind in enumerate((Kind.ANGRY, Kind.APOLOGY, Kind.TRANSFER, Kind.HAND_OVER))
}
PARTS = {"hold", "others", "transfer"}


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


@login_required
@require_safe
def of_call(request: HttpRequest, pk: int) -> HttpResponse:
    """The words for who is on the phone; ``part`` names what a page of the call asks for."""
    user, now = cast(User, request.user), timezone.now()
    call = call_for(user, pk)
    filled = scripts_on(call=call, user=user, now=now)
    spoken = [each for each in filled if each.script.kind not in WRITTEN]
    holds = [each for each in spoken if each.script.kind == Kind.HOLD]
    holding = call.holds.filter(ended_at=None).first()
    context = {
        "call": call,
        "holding": holding,
        "said": _said(holds, holding),
        "hold": holds,
        "transfer": [each for each in spoken if each.script.kind == Kind.TRANSFER],
        "back": [each for each in spoken if each.script.kind == Kind.BACK],
        "others": sorted(
            (each for each in spoken if each.script.kind not in (Kind.HOLD, Kind.BACK)),
            key=lambda each: TURN.get(each.script.kind, len(TURN)),
        ),
    }
    part = request.GET.get("part", "")
    is_part = bool(request.headers.get("HX-Request")) and part in PARTS
    return render(request, f"kb/call_scripts.html{f'#{part}' if is_part else ''}", context)


def _said(holds: list[Filled], holding: Hold | None) -> Filled | None:
    """The words for the moment that the caller was told, else the first there are."""
    back_at = holding.back_at if holding else None
    moment = round((back_at - holding.started_at).total_seconds()) if holding and back_at else 0
    fitting = [each for each in holds if each.script.moment == moment]
    return next(iter(fitting or holds), None)
