"""Changing many tickets at once: a preview that says what will happen, the deed, and its undoing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe

from tickets.access import may_undo, tickets_for
from tickets.errors import ServiceRefused
from tickets.forms import BulkForm
from tickets.models import BulkDeed, Ticket
from tickets.people.models import User
from tickets.services import bulk
from tickets.views.addresses import back
from tickets.views.away import is_out
from tickets.views.outlooks import summed
from tickets.views.signed_in import reader, writes

UNDO = "bulk_undo"
_LARGEST_VERSION = 9  # digits


@writes
def preview(request: HttpRequest) -> HttpResponse:
    """The chosen tickets, the form of what may change, and what would; changes nothing."""
    if request.method != "POST":
        return redirect("queue")
    return previewed(request, BulkForm(request.POST))


@writes
@require_POST
def carry_out(request: HttpRequest) -> HttpResponse:
    """Does what was previewed; back in the queue a bar offers to undo it."""
    user, now, form = reader(request), timezone.now(), BulkForm(request.POST)
    if not form.is_valid_at(now):
        return previewed(request, form)
    try:
        deed = bulk.carry_out(
            references=chosen_ones(request),
            wanted=form.wanted(now),
            actor=user,
            now=now,
            key=key_of(request),
            clock=timezone.now,
        )
    except ServiceRefused as refusal:
        form.refuse(refusal)
        return previewed(request, form)
    offer_undo(request, deed)
    return redirect(back(request.POST.get("back", "")))


def previewed(
    request: HttpRequest,
    form: BulkForm,
    *,
    by: str = "",
    alone: Callable[[Ticket], str] = lambda ticket: "",
) -> HttpResponse:
    """The page before the deed. ``by`` names what the form was filled in from, where it was, and
    ``alone`` says why that does not touch a ticket."""
    user, now, basis = reader(request), timezone.now(), selection(request)
    tickets = basis["tickets"]
    wanted = form.wanted(now) if form.is_valid_at(now) else {}
    outside = {ticket.pk: why for ticket in tickets if wanted and (why := alone(ticket))}
    fitting = [ticket for ticket in tickets if ticket.pk not in outside]
    untouched = [bulk.Outlook(each, (), outside[each.pk]) for each in tickets if each.pk in outside]
    context = basis | {
        "form": form,
        "fitting": fitting,
        "by": by,
        "wanted": wanted,
        "away": is_out(wanted.get("assignee"), now),
        "summary": summed([*_foreseen(fitting, wanted, user), *untouched]),
        "carried": form.carried(wanted),
    }
    return render(request, "tickets/bulk.html", context, status=422 if form.errors else 200)


def selection(request: HttpRequest) -> dict[str, Any]:
    """The chosen tickets that the reader sees, what is to be said of the others, the key of the deed
    that may follow, and the way back: what every page before a deed has."""
    chosen, said = chosen_ones(request), request.POST.get("back", "")
    tickets = tickets_for(reader(request), list(chosen)[: bulk.MOST])
    return {
        "tickets": tickets,
        "unseen": min(len(chosen), bulk.MOST) - len(tickets),
        "too_many": max(len(chosen) - bulk.MOST, 0),
        "most": bulk.MOST,
        "key": uuid4(),
        "back": said,
        "leave": back(said),
    }


@login_required
@require_safe
def deed(request: HttpRequest, pk: int) -> HttpResponse:
    """What one deed did to which tickets, what it left alone, and what came of its undoing."""
    user, found = reader(request), _deed(request, pk)
    seen = {ticket.pk for ticket in tickets_for(user, _references(found))}
    items = [(item, item.ticket_id in seen) for item in found.items.select_related("ticket")]
    now = timezone.now()
    context = {
        "deed": found,
        "items": items,
        "sentence": bulk.sentence(len(items), found.said),
        "may_undo": found.undone_at is None and now - found.at <= bulk.UNDO_FOR,
        "unfinished": bulk.how_far(found, now) if found.actor == user else None,
        "now": now,
    }
    return render(request, "tickets/bulk_deed.html", context)


@writes
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Puts everything back that nobody touched since, and says what stays."""
    found = _deed(request, pk)
    request.session.pop(UNDO, None)
    try:
        bulk.undo(deed=found, actor=reader(request), now=timezone.now())
    except ServiceRefused as refusal:
        messages.warning(request, refusal.message)
        return redirect("bulk-deed", pk)
    done, but = found.items.filter(is_undone=True), found.items.exclude(kept_because="")
    alone, partly = but.filter(is_undone=False).count(), but.filter(is_undone=True).count()
    messages.success(request, f"{_tickets(done.count())} as before.")
    if alone:
        messages.warning(
            request, f"{_tickets(alone)} left alone, because changed since or refused."
        )
    if partly:
        number = "one ticket" if partly == 1 else f"{partly} tickets"
        messages.warning(
            request, f"Not everything came back: a progress line on {number}. See below."
        )
    if alone or partly:
        return redirect("bulk-deed", pk)
    return redirect(back(request.POST.get("back", "")))


@writes
@require_POST
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Does the rest of a deed that stopped half-way."""
    found, user, now = _deed(request, pk), reader(request), timezone.now()
    return _ended(request, lambda: bulk.go_on(deed=found, actor=user, now=now, clock=timezone.now))


@writes
@require_POST
def leave_it(request: HttpRequest, pk: int) -> HttpResponse:
    """Leaves the rest of it undone, and offers to undo what was done."""
    found, user = _deed(request, pk), reader(request)
    return _ended(request, lambda: bulk.leave_it(deed=found, actor=user))


def _ended(request: HttpRequest, do: Callable[[], BulkDeed]) -> HttpResponse:
    try:
        offer_undo(request, do())
    except ServiceRefused as refusal:
        messages.warning(request, refusal.message)
    return redirect(back(request.POST.get("back", "")))


@writes
@require_POST
def dismiss(request: HttpRequest) -> HttpResponse:
    """Takes the bar away; the deed can still be undone from its page."""
    request.session.pop(UNDO, None)
    return redirect(back(request.POST.get("back", "")))


def undo_bar(request: HttpRequest, now: datetime) -> dict[str, Any] | None:
    """What the queue says of the last deed while it can be undone; kept in the session."""
    last: dict[str, Any] | None = request.session.get(UNDO)
    return last if last and now.timestamp() < last["until"] else None


def offer_undo(request: HttpRequest, done: BulkDeed) -> None:
    """The queue says what was done, with a button that undoes it. Where nothing was, that is said, and
    the offer of what was done before stands."""
    number = done.items.count()
    if not number or done.undone_at:
        messages.warning(request, _nothing_done(done))
        return
    request.session[UNDO] = {
        "deed": done.pk,
        "number": number,
        "said": bulk.sentence(number, done.said),
        "alone": len(done.left_alone),
        "until": (done.at + bulk.UNDO_FOR).timestamp(),
    }


def _foreseen(tickets: list[Ticket], wanted: bulk.Wanted, user: User) -> list[bulk.Outlook]:
    if not wanted:
        return []
    if wanted.keys() & {"add_tags", "remove_tags"}:
        prefetch_related_objects(tickets, "tags")
    if "follow" in wanted:
        prefetch_related_objects(tickets, "followers")
    known = bulk.beside(tickets, wanted)
    return [bulk.foresee(ticket, wanted, user, known) for ticket in tickets]


def chosen_ones(request: HttpRequest) -> dict[str, int | None]:
    """Each reference once, with the version its preview had, where there was a preview."""
    found: dict[str, int | None] = {}
    for each in request.POST.getlist("t"):
        reference, _, version = each[:40].partition(":")
        known = version.isascii() and version.isdigit() and len(version) <= _LARGEST_VERSION
        found[reference] = int(version) if known else None
    return found


def key_of(request: HttpRequest) -> UUID:
    """The one that the preview was given. Raises BadRequest."""
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        raise BadRequest("The key of the form is missing or none of ours") from None


def _deed(request: HttpRequest, pk: int) -> BulkDeed:
    found = get_object_or_404(BulkDeed.objects.select_related("actor", "undone_by"), pk=pk)
    if not may_undo(reader(request), found):
        raise Http404
    return found


def _references(found: BulkDeed) -> list[str]:
    return list(found.items.values_list("ticket__reference", flat=True))


def _nothing_done(done: BulkDeed) -> str:
    """Why there is nothing to undo, with a link to the deed."""
    if done.undone_at:
        said, more = "This was undone, and nothing was done again", "see what came of it"
    else:
        said, more = "No ticket was changed", f"{len(done.left_alone)} left alone"
    return format_html('{}: <a href="{}">{}</a>.', said, reverse("bulk-deed", args=[done.pk]), more)


def _tickets(number: int) -> str:
    return "1 ticket is" if number == 1 else f"{number} tickets are"
