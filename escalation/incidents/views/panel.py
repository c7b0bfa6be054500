"""The open incidents that touch the customer of a ticket, beside the ticket."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from escalation.incidents import services
from escalation.incidents.access import reports_incidents
from escalation.incidents.models import Incident
from escalation.incidents.touching import touching
from tickets.access import Action, may, ticket_for
from tickets.errors import ServiceRefused
from tickets.models import Ticket
from tickets.views.reasons import reason
from tickets.views.signed_in import posted, reader

WITH_CUSTOMER = ("requester__organization", "assignee", "team", "category")


@login_required
@require_safe
def panel(request: HttpRequest, ref: str) -> HttpResponse:
    """The panel where htmx asks for it, a page with the panel otherwise."""
    return _panel(request, ticket_for(reader(request), ref, related=WITH_CUSTOMER))


@posted
def link(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    user = reader(request)
    ticket = ticket_for(user, ref, action=Action.TRIAGE, related=WITH_CUSTOMER)
    incident, now = get_object_or_404(Incident, pk=pk), timezone.now()
    try:
        linked = services.link(incident=incident, tickets=[ticket], actor=user, now=now)
    except ServiceRefused as refusal:
        return _panel(request, ticket, problem=reason(refusal, ticket, user, now))
    already = "" if linked else " already"
    return _done(request, ticket, f"{ticket.reference} is linked to {incident.reference}{already}.")


@posted
def unlink(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    user = reader(request)
    ticket = ticket_for(user, ref, action=Action.TRIAGE, related=WITH_CUSTOMER)
    incident, now = get_object_or_404(Incident, pk=pk), timezone.now()
    try:
        services.unlink(incident=incident, ticket=ticket, actor=user, now=now)
    except ServiceRefused as refusal:
        return _panel(request, ticket, problem=reason(refusal, ticket, user, now))
    return _done(request, ticket, f"{ticket.reference} is taken off {incident.reference}.")


def _done(request: HttpRequest, ticket: Ticket, said: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return _panel(request, ticket, done=said)
    messages.success(request, said)
    return redirect("ticket", ticket.reference)


def _panel(
    request: HttpRequest, ticket: Ticket, *, done: str = "", problem: str = ""
) -> HttpResponse:
    user = reader(request)
    may_link = reports_incidents(user) and may(user, Action.TRIAGE, ticket)
    context = {
        "ticket": ticket,
        "touches": touching(ticket),
        "may_link": may_link,
        "now": timezone.now(),
        "done": done,
        "problem": problem,
    }
    part = "#panel" if request.headers.get("HX-Request") else ""
    status = 422 if problem else 200
    return render(request, f"incidents/panel.html{part}", context, status=status)
