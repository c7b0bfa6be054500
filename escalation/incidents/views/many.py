"""Tickets chosen in the queue linked to an open incident: chosen here, previewed, done; undone as any
change of many."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from escalation.incidents import services
from escalation.incidents.access import may_report_incidents, reports_incidents
from escalation.incidents.models import Incident
from escalation.incidents.touching import MOST_OPEN
from tickets.errors import ServiceRefused
from tickets.views.addresses import back
from tickets.views.bulk import chosen_ones, key_of, offer_undo, selection
from tickets.views.outlooks import summed
from tickets.views.signed_in import reader, writes


@writes
def choose(request: HttpRequest) -> HttpResponse:
    """A menu for the bar where htmx asks for it, empty where nothing is open; a page that carries the
    selection otherwise."""
    user = reader(request)
    if request.headers.get("HX-Request"):
        context = {"open": _open() if reports_incidents(user) else []}
        return render(request, "incidents/bulk.html#menu", context)
    may_report_incidents(user)
    return _page(request) if request.method == "POST" else redirect("queue")


@writes
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Which tickets would be linked, and why others would not; nothing is done yet. Back in the queue
    where nothing was chosen, as after a log-in on the way."""
    if request.method != "POST":
        return redirect("queue")
    may_report_incidents(reader(request))
    return _page(request, get_object_or_404(Incident, pk=pk))


@writes
@require_POST
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Links those that may be linked; back in the queue a bar offers to undo it."""
    incident = get_object_or_404(Incident, pk=pk)
    try:
        deed = services.link_many(
            incident=incident,
            references=chosen_ones(request),
            actor=reader(request),
            now=timezone.now(),
            key=key_of(request),
        )
    except ServiceRefused as refusal:
        return _page(request, problem=refusal.message)
    offer_undo(request, deed)
    return redirect(back(request.POST.get("back", "")))


def _page(
    request: HttpRequest, incident: Incident | None = None, problem: str = ""
) -> HttpResponse:
    if incident and not incident.is_open:
        problem = f"{incident.reference} is over: choose one that is open."
        incident = None
    context: dict[str, Any] = selection(request)
    context |= {"incident": incident, "open": _open(), "problem": problem}
    if incident:
        user, tickets = reader(request), context["tickets"]
        outlooks = services.foresee_link(incident=incident, tickets=tickets, actor=user)
        summary = summed(outlooks)
        worse = services.could_become(
            incident=incident, more=len(summary.changing), now=timezone.now()
        )
        context |= {"summary": summary, "fitting": tickets, "worse": worse}
    return render(request, "incidents/bulk.html", context, status=422 if problem else 200)


def _open() -> list[Incident]:
    return list(Incident.objects.open()[:MOST_OPEN])
