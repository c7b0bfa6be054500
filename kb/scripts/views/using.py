"""Scripts of a ticket and of a call: ready to read aloud or to put into the composer."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from kb.scripts.macros import usable, use
from kb.scripts.models import Macro, Script
from kb.scripts.services import Filled, into_the_reply, scripts_for, scripts_on
from kb.scripts.views.typed import keep_typed
from tickets.access import Action, call_for, may, ticket_for
from tickets.calls.models import Hold
from tickets.errors import Conflict, ServiceRefused
from tickets.forms import VersionedForm
from tickets.lifecycle import Status
from tickets.models import Ticket
from tickets.people.models import User
from tickets.views.acting import back_to
from tickets.views.page import ticket_page
from tickets.views.reasons import reason
from tickets.views.signed_in import posted
from tickets.views.tools import number

MOST, MOST_MACROS = 8, 4
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
    """The macros and scripts whose name has every word that was typed after «/».

    Of the scripts those that begin so come first.
    """
    user = cast(User, request.user)
    ticket = ticket_for(user, ref)
    words = request.GET.get("q", "")[:60].lower().split()
    filled = scripts_for(ticket=ticket, user=user, now=timezone.now())
    named = [each for each in filled if _is_named(each.script.name, words)]
    named.sort(key=lambda each: not each.script.name.lower().startswith(" ".join(words)))
    macros = [each for each in usable(ticket, user) if _is_named(each.name, words)]
    changing = [_macro(each, ticket) for each in macros[:MOST_MACROS]]
    writing = [
        {
            "name": each.script.name,
            "text": each.text,
            "gist": each.warning or _gist(each),
        }
        for each in named[:MOST]
    ]
    # What changes the ticket is never what Enter takes by itself, before a word was typed.
    offered = [*changing, *writing] if words else [*writing, *changing]
    context = {"offered": offered, "empty": "No script or macro is called so."}
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
    context = {
        "ticket": ticket,
        "version": number(request.GET.get("seen")) or ticket.version,
        "scripts": filled,
        "macros": usable(ticket, user),
        "may_reply": may(user, Action.REPLY, ticket) and ticket.status != Status.CLOSED,
    }
    return render(request, template, context)


@posted
def words(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """Back to the ticket, with the script's words in the reply, below what was typed there."""
    user, now = cast(User, request.user), timezone.now()
    ticket = ticket_for(user, ref, action=Action.REPLY)
    try:
        into_the_reply(script=pk, ticket=ticket, author=user, now=now)
    except ServiceRefused as refusal:
        messages.warning(request, reason(refusal, ticket_for(user, ref), user, now))
    return back_to(user, ticket, request, "#reply")


@posted
def use_macro(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """Back to the ticket, with the words in the reply, below what was typed there.

    Over what its page has not shown nothing is changed: that is shown first.
    """
    user, now = cast(User, request.user), timezone.now()
    ticket = ticket_for(user, ref)
    macro = get_object_or_404(Macro, pk=pk)
    after = ""
    try:
        keep_typed(request, ticket, user, now)
        shown = number(request.POST.get("version"))
        after = use(macro=macro, ticket=ticket, actor=user, now=now, expected_version=shown)
    except ServiceRefused as refusal:
        fresh = ticket_for(user, ref)
        why = format_html("«{}» was not used. {}", macro.name, reason(refusal, fresh, user, now))
        if isinstance(refusal, Conflict):
            form = VersionedForm(request.POST, ticket=fresh)
            form.refuse(refusal, why)
            return ticket_page(request, fresh, form, status=409)
        messages.warning(request, why)
    else:
        messages.success(request, _done(macro), extra_tags="saved")
    if request.FILES:
        messages.info(request, "Choose the files again: they were not sent yet.")
    return back_to(user, ticket, request, "#reply", **({"after": after} if after else {}))


def _done(macro: Macro) -> str:
    words = ["its words are in your reply"] if macro.words.strip() else []
    return f"«{macro.name}»: {'; '.join([*macro.does, *words])}."


def _gist(filled: Filled) -> str:
    return ("Yours. " if filled.is_own else "") + " ".join(filled.text.split())[:GIST]


def _is_named(name: str, words: list[str]) -> bool:
    return all(word in name.lower() for word in words)


def _macro(macro: Macro, ticket: Ticket) -> dict[str, str]:
    return {
        "name": macro.name,
        "run": reverse("macro-use", args=[ticket.reference, macro.pk]),
        "gist": "; ".join(macro.does) or " ".join(macro.words.split())[:GIST],
    }


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
