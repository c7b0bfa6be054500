"""The form of an incident: to declare one and to change it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from escalation.incidents import services
from escalation.incidents.access import leads_incidents, may_lead_incident, may_report_incidents
from escalation.incidents.forms import IncidentForm
from escalation.incidents.models import Incident, Severity
from tickets.access import Action, ticket_for
from tickets.errors import Conflict, ServiceRefused
from tickets.models import Ticket
from tickets.people.models import User
from tickets.views.signed_in import reader, writes


@writes
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """``?ticket=`` is the one from which it is declared; it is linked at once."""
    user, now = reader(request), timezone.now()
    may_report_incidents(user)
    ticket = _ticket(request, user)
    if request.method != "POST":
        initial = {
            "severity": Severity.MAJOR,
            "started_at": now,
            "lead": user.pk if leads_incidents(user, None) else None,
        }
        return _page(request, IncidentForm(initial=initial), ticket=ticket)
    form = IncidentForm(request.POST)
    if not form.is_valid():
        return _page(request, form, 422, ticket=ticket)
    said = form.cleaned_data
    try:
        incident = services.declare(
            actor=user, now=timezone.now(), title=said["title"], severity=said["severity"],
            started_at=said["started_at"], lead=said["lead"], responders=said["responders"],
            components=said["components"], organizations=said["organizations"],
            customers_write=said["words"], said=form.said, tickets=[ticket] if ticket else [],
        )  # fmt: skip
    except ServiceRefused as refusal:
        form.refuse(refusal)
        return _page(request, form, 422, ticket=ticket)
    shown = (
        "every desk shows it"
        if incident.is_headline
        else "it stands among the incidents and beside the tickets it touches"
    )
    messages.success(
        request,
        f"{incident.reference} is declared: {shown}, and who responds is told. "
        "Customers read nothing of it yet.",
        extra_tags="saved",
    )
    return redirect(incident)


@writes
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    incident = get_object_or_404(Incident.objects.select_related("lead", "responders"), pk=pk)
    may_lead_incident(user, incident.lead_id)
    if request.method != "POST":
        return _page(request, IncidentForm.of(incident), incident=incident)
    form = IncidentForm(request.POST)
    if not form.is_valid():
        return _page(request, form, 422, incident=incident)
    wanted = {name: form.cleaned_data[name] for name in _CHANGED}
    try:
        services.change(
            incident=incident, actor=user, now=timezone.now(),
            expected_version=form.seen, **wanted | form.said,
        )  # fmt: skip
    except ServiceRefused as refusal:
        fresh = Incident.objects.get(pk=pk)
        form.refuse(refusal, fresh.version)
        status = 409 if isinstance(refusal, Conflict) else 422
        return _page(request, form, status, incident=fresh)
    messages.success(request, f"{incident.reference} is changed.", extra_tags="saved")
    return redirect(incident)


_CHANGED = (
    "title", "severity", "started_at", "lead", "responders", "words", "components", "organizations",
)  # fmt: skip


def _ticket(request: HttpRequest, user: User) -> Ticket | None:
    ref = request.GET.get("ticket", "")
    return ticket_for(user, ref, action=Action.TRIAGE) if ref else None


def _page(
    request: HttpRequest,
    form: IncidentForm,
    status: int = 200,
    *,
    incident: Incident | None = None,
    ticket: Ticket | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "incident": incident, "ticket": ticket}
    return render(request, "incidents/form.html", context, status=status)
