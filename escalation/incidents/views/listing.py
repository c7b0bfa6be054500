"""Every open incident, and those that were resolved last."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from escalation.incidents.access import reports_incidents
from escalation.incidents.models import Incident
from escalation.incidents.querysets import IncidentQuerySet
from tickets.lifecycle import ACTIVE
from tickets.views.signed_in import reader

OPEN, RESOLVED = 50, 20


@login_required
@require_safe
def incidents(request: HttpRequest) -> HttpResponse:
    """The page, or only its lists where htmx asks for them."""
    context = {
        "open": list(_listed(Incident.objects.open())[:OPEN]),
        "resolved": list(_listed(Incident.objects.resolved())[:RESOLVED]),
        "may_report": reports_incidents(reader(request)),
        "now": timezone.now(),
    }
    part = "#lists" if getattr(request, "htmx", False) else ""
    return render(request, f"incidents/incidents.html{part}", context)


def _listed(rows: IncidentQuerySet) -> IncidentQuerySet:
    """With the numbers of their tickets, in one query, and what a row names besides."""
    active = Count("affected", filter=Q(affected__ticket__status__in=ACTIVE))
    rows = rows.annotate(number=Count("affected"), active=active)
    return rows.select_related("lead").prefetch_related("components")
