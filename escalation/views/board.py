"""The board of escalations, and the answers given on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from escalation.board import MOST_PAGES, Wanted, entries, stands, waiting_for
from escalation.forms import BoardHandBackForm, TakeOverForm
from escalation.views import answering
from tickets.forms import DeskForm
from tickets.leading import watched_by
from tickets.models import Ticket
from tickets.references import normalise
from tickets.views.reasons import joined, kept
from tickets.views.signed_in import reader, writes
from tickets.words import shown

VIEWS = (("", "All"), ("mine", "Yours"), ("unanswered", "Unanswered"))
LEVELS = ("2", "3", "4", "5")
NAMES = ("view", "team", "level", "page")


@login_required
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """The page, or only its entries where htmx asks for them."""
    return _board(request, request.GET)


@login_required
@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """How many wait for the reader's answer, for the bar."""
    return render(request, "escalation/board_count.html", {"waiting": waiting_for(reader(request))})


def _answered(view: Callable[[HttpRequest, str], HttpResponse]) -> Any:
    """By POST; afterwards the board again, narrowed as it was, at the ticket or, where that stands
    there no more, at the first one: Tab goes on from there."""

    @writes
    def guarded(request: HttpRequest, ref: str) -> HttpResponse:
        answer = view(request, ref) if request.method == "POST" else None
        if answer is not None and answer.status_code != 302:
            return answer
        narrowed = _narrowing(QueryDict(request.POST.get("back", "")[:200]))
        query, reference = urlencode(narrowed), normalise(ref) or ""
        place = f"e-{reference}" if stands(reference, _wanted(narrowed)) else "board"
        return redirect(f"{reverse('escalations')}{f'?{query}' if query else ''}#{place}")

    return guarded


@_answered
def acknowledge(request: HttpRequest, ref: str) -> HttpResponse:
    """The one that is named."""
    number = request.POST.get("escalation", "")
    named = int(number) if _is_number(number) else 0
    return answering.acknowledge(request, ref, named, refused=_refused)


@_answered
def take_over(request: HttpRequest, ref: str) -> HttpResponse:
    return answering.take_over(request, ref, refused=_refused)


@_answered
def hand_back(request: HttpRequest, ref: str) -> HttpResponse:
    """To whoever had it; on the ticket's page one may name another."""
    return answering.hand_back(request, ref, BoardHandBackForm, refused=_refused)


def _refused(request: HttpRequest, ticket: Ticket, form: DeskForm, status: int) -> HttpResponse:
    """The board with why, and with what was typed still there."""
    errors = (error for several in form.errors.values() for error in several)
    context: dict[str, Any] = {
        "problem": joined([f"{ticket.reference}:", *errors]),
        "kept": kept(form),
    }
    if isinstance(form, TakeOverForm) and form.held_by:
        # The words go along with what confirms it.
        context |= {"confirm": form, "kept": []}
    return _board(request, QueryDict(request.POST.get("back", "")[:200]), context, status)


def _board(
    request: HttpRequest, query: QueryDict, more: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    user, now = reader(request), timezone.now()
    narrowed = _narrowing(query)
    wanted = _wanted(narrowed)
    found, has_more = entries(user, wanted, now)
    here = reverse("escalations")
    context = {
        "entries": found,
        "now": now,
        "views": [(key, label, _address(narrowed, view=key)) for key, label in VIEWS],
        "wanted": wanted,
        "teams": [(team.pk, shown(team.name)) for team in watched_by(user)],
        "levels": LEVELS,
        "back": urlencode(narrowed),
        "board_place": here,
        "ticket_place": reverse("ticket", args=["-"]).removesuffix("-/"),
        "here": f"{here}?{urlencode(narrowed)}",
        "next_page": _address(narrowed, page=str(wanted.page + 1))
        if has_more and wanted.page < MOST_PAGES
        else "",
        **(more or {}),
    }
    part = bool(getattr(request, "htmx", False)) and status == 200
    name = "escalation/board.html"
    return render(request, f"{name}#entries" if part else name, context, status=status)


def _narrowing(query: QueryDict) -> dict[str, str]:
    """What of a query the board knows; anything else, or nonsense, counts for nothing."""
    given = {name: query.get(name, "") for name in NAMES}
    known = {"view": {key for key, _ in VIEWS if key}, "level": set(LEVELS)}
    numbers = {"team": 2**31, "page": MOST_PAGES + 1}
    return {
        name: value
        for name, value in given.items()
        if value in known.get(name, set())
        or (name in numbers and _is_number(value) and 0 < int(value) < numbers[name])
    }


def _wanted(narrowed: dict[str, str]) -> Wanted:
    return Wanted(
        view=narrowed.get("view", ""), team=int(narrowed.get("team", 0)) or None,
        level=int(narrowed.get("level", 0)), page=int(narrowed.get("page", 1)),
    )  # fmt: skip


def _address(narrowed: dict[str, str], **changes: str) -> str:
    """The board narrowed otherwise; from its first page, unless the page is what changes."""
    kept_ = {name: value for name, value in narrowed.items() if name != "page"} | changes
    query = urlencode({name: value for name, value in kept_.items() if value})
    return f"{reverse('escalations')}{f'?{query}' if query else ''}"


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
