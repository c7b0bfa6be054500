"""What the customer of a ticket is entitled to, beside the ticket."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from escalation.entitling import entitlement_of
from tickets.access import ticket_for
from tickets.views.signed_in import reader


@login_required
@require_safe
def panel(request: HttpRequest, ref: str) -> HttpResponse:
    """The panel where htmx asks for it, a page with the panel otherwise."""
    tiers = ("requester__tier", "requester__organization__tier")
    ticket = ticket_for(reader(request), ref, related=tiers)
    context = {"ticket": ticket, "entitled": entitlement_of(ticket, timezone.now())}
    part = bool(getattr(request, "htmx", False))
    return render(request, f"escalation/entitlements.html{'#panel' if part else ''}", context)
