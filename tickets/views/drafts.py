"""Drafts: the page keeps what is typed, a moment after the last key; of two windows one chooses."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST

from tickets.access import Action, NotAllowed, ticket_for
from tickets.errors import Invalid
from tickets.models import Ticket
from tickets.services import drafting
from tickets.services.locking import locked
from tickets.views.acting import back_to
from tickets.views.signed_in import reader
from tickets.views.tools import based_on, number

_NEEDS = {"reply": Action.REPLY, "progress": Action.REPLY, "note": Action.NOTE}
_CHOSEN = "What you chose is the draft now."
_MEANWHILE = "It was changed again meanwhile, so nothing was chosen: look at both once more."


@login_required
@require_POST
def keep(request: HttpRequest, ref: str, kind: str) -> HttpResponse:
    """Says when it was kept, for the line below the text; nothing where there is none any more.

    Where another window has kept other words, they are shown to be chosen from; the choice comes
    here, too. A page may still show a ticket that was merged away: its words go where it went.
    """
    now, user = timezone.now(), reader(request)
    ticket = ticket_for(user, ref, action=_NEEDS.get(kind, Action.NOTE))
    try:
        if "choice" in request.POST:
            return _choose(request, drafting.goes_on(ticket, user), kind, now)
        kept = keep_typed(request, ticket, kind, now)
    except Invalid as refusal:
        raise NotAllowed(refusal.message) from refusal
    there = drafting.goes_on(ticket, user)
    standing = standing_after(kept, request, there, kind)
    context = {
        "ticket": there,
        "is_moved": there != ticket,
        "kind": kind,
        "kept": kept,
        "standing": standing,
        # Only what is news is put there, for it is read aloud.
        "is_told": standing.shows == request.POST.get("told", request.POST.get("other", "")),
        "says_version": "draft" in request.POST,
        "now": now,
    }
    return HttpResponse(render_to_string("tickets/drafted.html", context, request).strip())


def keep_typed(request: HttpRequest, ticket: Ticket, kind: str, now: datetime) -> drafting.Kept:
    """Keeps what the request brought, as ``drafting.keep`` does; on what ``ticket`` was merged into."""
    with locked(ticket):  # else a merge could leave them behind
        there = drafting.goes_on(ticket, reader(request))
        do = drafting.keep if there == ticket else drafting.go_on
        return do(
            ticket=there, author=reader(request), kind=kind, now=now, since=loaded_at(request),
            body=request.POST.get("body", ""), cc=request.POST.get("cc"), shown=request.POST.getlist("shown"), **based_on(request.POST),
        )  # fmt: skip


def standing_after(
    kept: drafting.Kept, request: HttpRequest, ticket: Ticket, kind: str
) -> drafting.Standing:
    """How the page stands that has just kept its words."""
    draft, newer = kept.draft, kept.newer
    if newer is None:
        return drafting.of(ticket, reader(request)).get(kind, drafting.Standing())
    return drafting.Standing(
        draft, base=request.POST.get("draft", ""), aside=draft.pk if draft else None, other=newer,
        is_newer=True, now=newer.version,
    )  # fmt: skip


def _choose(request: HttpRequest, ticket: Ticket, kind: str, now: datetime) -> HttpResponse:
    said = request.POST
    aside, _, version = said.get("other", "").partition(":")
    other = number(aside)
    is_chosen = drafting.choose(
        ticket=ticket, author=reader(request), kind=kind, choice=said["choice"], now=now,
        body=said.get("body", ""), cc=said.get("cc", ""),
        told=said.get("told", said.get("draft", "")), other=(other, version) if other else None,
        shown=said.getlist("shown"), **based_on(said),
    )  # fmt: skip
    if is_chosen:
        messages.success(request, _CHOSEN, extra_tags="saved")
    else:
        messages.warning(request, _MEANWHILE, extra_tags="saved")
    if request.FILES:
        messages.info(request, "Choose the files again: they were not sent yet.")
    form = {"form": kind} if kind == "progress" else {}
    return back_to(reader(request), ticket, request, f"#{kind}", **form)


def loaded_at(request: HttpRequest) -> datetime | None:
    """When the page was loaded, as it says itself."""
    try:
        at = parse_datetime(request.POST.get("since", ""))
    except ValueError:
        return None
    return at if at and at.tzinfo else None
