"""One incident: how it stands, what was said, its tickets and what it does; saying and linking."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import F
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from escalation.incidents import services
from escalation.incidents.access import leads_incidents, reports_incidents
from escalation.incidents.forms import LinkForm, SayForm
from escalation.incidents.impact import impact_of, might_be_hit
from escalation.incidents.models import Incident, Telling
from escalation.incidents.touching import candidates
from tickets.access import tickets_for
from tickets.errors import Conflict, ServiceRefused
from tickets.models import Ticket
from tickets.people.models import User
from tickets.references import normalise
from tickets.views.signed_in import reader, writes

UPDATES, TICKETS, UNTOLD = 100, 100, 20


@login_required
@require_safe
def incident(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _incident(pk))


@writes
def say(request: HttpRequest, pk: int) -> HttpResponse:
    """Says it and shows the page again; a refusal keeps every typed word."""
    row = _incident(pk)
    if request.method != "POST":
        return redirect(row)
    form = SayForm(request.POST, incident=row)
    if not form.is_valid():
        return _page(request, row, say=form, status=422)
    said = form.cleaned_data
    try:
        update = services.say(
            incident=row, actor=reader(request), now=timezone.now(), text=said["text"],
            state=said["state"] or None, is_public=said["audience"] == "public",
            tell_customers=said["tell_customers"],
            # A word among the staff overwrites nothing.
            expected_version=form.seen if said["state"] or said["audience"] == "public" else None,
        )  # fmt: skip
    except ServiceRefused as refusal:
        fresh = _incident(pk)
        form.refuse(refusal, fresh.version)
        status = 409 if isinstance(refusal, Conflict) else 422
        return _page(request, fresh, say=form, status=status)
    told = update.tellings.values("ticket__requester").distinct().count()
    customers = f" {told} customer{'' if told == 1 else 's'} will be told." if told else ""
    messages.success(request, f"Said.{customers}", extra_tags="saved")
    return redirect(row)


@writes
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Links the chosen tickets, all of them or none."""
    row, user = _incident(pk), reader(request)
    if request.method != "POST":
        return redirect(row)
    form = LinkForm(request.POST)
    if not form.is_valid():
        return _page(request, row, link=form, status=422)
    wanted = form.cleaned_data["wanted"]
    tickets = tickets_for(user, wanted)
    if missing := _missing(wanted, tickets):
        form.add_error("references", f"There is no ticket {missing}. Nothing was linked.")
        return _page(request, row, link=form, status=422)
    try:
        linked = services.link(incident=row, tickets=tickets, actor=user, now=timezone.now())
    except ServiceRefused as refusal:
        form.refuse(refusal)
        return _page(request, row, link=form, status=422)
    messages.success(
        request, _linked(len(linked), [each for each in tickets if each not in linked])
    )
    return redirect(row)


def _linked(number: int, before: list[Ticket]) -> str:
    """«2 tickets linked. HD-7K3M9Q is linked already.»"""
    new = f"{number} ticket{'' if number == 1 else 's'} linked."
    if not before:
        return new
    many = len(before) > 1
    already = f"{len(before)} tickets are" if many else f"{before[0].reference} is"
    return f"{new if number else ''} {already} linked already.".strip()


def _missing(wanted: list[str], found: list[Ticket]) -> str:
    """The first reference that names no ticket the reader sees."""
    known = {each.reference for each in found}
    return next((each[:40] for each in wanted if normalise(each) not in known), "")


def _incident(pk: int) -> Incident:
    rows = Incident.objects.select_related("lead", "responders", "declared_by").with_reach()
    return get_object_or_404(rows, pk=pk)


def _page(request: HttpRequest, row: Incident, status: int = 200, **bound: Form) -> HttpResponse:
    user, now = reader(request), timezone.now()
    context = _beside(row, user, now)
    if getattr(request, "htmx", False) and not bound:
        return render(request, "incidents/incident.html#live", context)
    may_report = reports_incidents(user)
    context |= {
        "updates": list(_updates(row)),
        "proposed": candidates(row, user) if row.is_open and may_report else [],
        "may_report": may_report,
        "say": bound.get("say") or SayForm(incident=row),
        "link": bound.get("link") or LinkForm(),
    }
    return render(request, "incidents/incident.html", context, status=status)


def _beside(row: Incident, user: User, now: datetime) -> dict[str, Any]:
    """What changes while somebody writes."""
    return {
        "incident": row,
        "now": now,
        "impact": impact_of(row, now),
        "might_be_hit": might_be_hit(row),
        "tickets": _tickets(row, user),
        "untold": list(_untold(row, user)),
        "may_lead": leads_incidents(user, row.lead_id),
    }


def _updates(row: Incident) -> Any:
    """The newest first, each with how many of its customers were told, wait, or were not told."""
    return row.updates.select_related("author").with_customers().order_by("-at", "-pk")[:UPDATES]


def _tickets(row: Incident, user: User) -> list[Ticket]:
    """Those linked that the reader sees: the ones that break first at the top, whatever has no
    deadline last."""
    seen = Ticket.objects.visible_to(user).filter(affected_by__incident=row).for_queue()
    soonest = F("next_due_at").asc(nulls_last=True)
    return list(seen.order_by(soonest, "-opened_at", "-pk")[:TICKETS])


def _untold(row: Incident, user: User) -> Any:
    """Whom words of ours did not reach, with why, as far as the reader sees their tickets."""
    seen = Ticket.objects.visible_to(user).filter(affected_by__incident=row)
    rows = Telling.objects.filter(update__incident=row, ticket__in=seen).to_call()
    return rows.select_related("ticket__requester", "update")[:UNTOLD]
