"""Changing many tickets at once: a preview that says what will happen, the deed, and its undoing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from tickets.access import may_undo, tickets_for
from tickets.errors import ServiceRefused
from tickets.forms import BulkForm
from tickets.models import BulkDeed
from tickets.people.models import User
from tickets.services import bulk
from tickets.views.addresses import back
from tickets.views.signed_in import reader, writes

UNDO = "bulk_undo"
_LARGEST_VERSION = 9  # digits


@writes
def preview(request: HttpRequest) -> HttpResponse:
    """The chosen tickets, the form of what may change, and what would; changes nothing."""
    if request.method != "POST":
        return redirect("queue")
    return _previewed(request, BulkForm(request.POST))


@writes
@require_POST
def carry_out(request: HttpRequest) -> HttpResponse:
    """Does what was previewed; back in the queue a bar offers to undo it."""
    user, now, form = reader(request), timezone.now(), BulkForm(request.POST)
    if not form.is_valid():
        return _previewed(request, form)
    try:
        deed = bulk.carry_out(
            references=_chosen(request),
            wanted=form.cleaned_data["wanted"],
            actor=user,
            now=now,
            key=_key(request),
        )
    except ServiceRefused as refusal:
        form.refuse(refusal)
        return _previewed(request, form)
    _offer_undo(request, deed)
    return redirect(back(request.POST.get("back", "")))


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
    kept = found.items.exclude(kept_because="").count()
    messages.success(request, f"{_tickets(found.items.filter(is_undone=True).count())} as before.")
    if kept:
        messages.warning(request, f"{_tickets(kept)} left alone, because changed since or refused.")
        return redirect("bulk-deed", pk)
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


def _offer_undo(request: HttpRequest, done: BulkDeed) -> None:
    number = done.items.count()
    request.session[UNDO] = {
        "deed": done.pk,
        "number": number,
        "said": bulk.sentence(number, done.said),
        "alone": len(done.left_alone),
        "until": (done.at + bulk.UNDO_FOR).timestamp(),
    }


@dataclass(frozen=True, slots=True)
class Summary:
    """What would happen to how many, and why to others nothing."""

    changing: list[bulk.Outlook]
    lines: list[tuple[str, str, str, int]]
    alone: list[tuple[str, list[bulk.Outlook]]]


def _summed(outlooks: Iterable[bulk.Outlook]) -> Summary:
    changing: list[bulk.Outlook] = []
    alone: dict[str, list[bulk.Outlook]] = {}
    lines: Counter[tuple[str, str, str]] = Counter()
    for outlook in outlooks:
        if outlook.why:
            alone.setdefault(outlook.why, []).append(outlook)
            continue
        changing.append(outlook)
        lines.update((each.what, each.before, each.after) for each in outlook.changes)
    return Summary(changing, [(*line, n) for line, n in lines.most_common()], [*alone.items()])


def _previewed(request: HttpRequest, form: BulkForm) -> HttpResponse:
    user, chosen = reader(request), _chosen(request)
    tickets = tickets_for(user, list(chosen)[: bulk.MOST])
    wanted = form.cleaned_data["wanted"] if form.is_valid() else {}
    context = {
        "form": form,
        "tickets": tickets,
        "unseen": min(len(chosen), bulk.MOST) - len(tickets),
        "too_many": max(len(chosen) - bulk.MOST, 0),
        "most": bulk.MOST,
        "wanted": wanted,
        "summary": _summed(_foreseen(tickets, wanted, user)),
        "carried": [(name, form.data[name]) for name in form.fields if form.data.get(name)],
        "key": uuid4(),
        "back": request.POST.get("back", ""),
        "leave": back(request.POST.get("back", "")),
    }
    return render(request, "tickets/bulk.html", context, status=422 if form.errors else 200)


def _foreseen(tickets: list[Any], wanted: bulk.Wanted, user: User) -> list[bulk.Outlook]:
    if not wanted:
        return []
    if wanted.keys() & {"add_tags", "remove_tags"}:
        prefetch_related_objects(tickets, "tags")
    if "follow" in wanted:
        prefetch_related_objects(tickets, "followers")
    return [bulk.foresee(ticket, wanted, user) for ticket in tickets]


def _chosen(request: HttpRequest) -> dict[str, int | None]:
    """Each reference once, with the version its preview had, where there was a preview."""
    found: dict[str, int | None] = {}
    for each in request.POST.getlist("t"):
        reference, _, version = each[:40].partition(":")
        known = version.isascii() and version.isdigit() and len(version) <= _LARGEST_VERSION
        found[reference] = int(version) if known else None
    return found


def _key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        raise BadRequest from None


def _deed(request: HttpRequest, pk: int) -> BulkDeed:
    found = get_object_or_404(BulkDeed.objects.select_related("actor", "undone_by"), pk=pk)
    if not may_undo(reader(request), found):
        raise Http404
    return found


def _references(found: BulkDeed) -> list[str]:
    return list(found.items.values_list("ticket__reference", flat=True))


def _tickets(number: int) -> str:
    return "1 ticket is" if number == 1 else f"{number} tickets are"
