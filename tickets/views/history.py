"""What a ticket's customer bought and asked before."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tickets.access import ticket_for
from tickets.models import Ticket
from tickets.people.models import Order, User
from tickets.views.signed_in import reader

PAST, ORDERS = 5, 8


@login_required
@require_safe
def panel(request: HttpRequest, ref: str) -> HttpResponse:
    """The panel where htmx asks for it, a page with the panel otherwise."""
    user = reader(request)
    ticket = ticket_for(user, ref, related=("requester",))
    context = {
        "ticket": ticket,
        "contact": ticket.requester,
        "orders": list(_orders(ticket)[:ORDERS]),
        "past": list(_past(ticket, user)[:PAST]),
    }
    part = "#panel" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, f"tickets/history.html{part}", context)


def _orders(ticket: Ticket) -> QuerySet[Order]:
    """The customer's, and those linked, which may be a colleague's in the same organisation."""
    linked = ticket.orders.through.objects.filter(ticket=ticket, order=OuterRef("pk"))
    orders = Order.objects.annotate(is_linked=Exists(linked)).select_related("contact")
    orders = orders.filter(Q(contact=ticket.requester) | Q(is_linked=True))
    return orders.order_by("-is_linked", "-placed_at", "-pk")


def _past(ticket: Ticket, user: User) -> QuerySet[Ticket]:
    """The customer's other tickets, as far as the reader may see."""
    others = Ticket.objects.reachable_by(user).filter(requester=ticket.requester)
    others = others.exclude(pk=ticket.pk).only("reference", "subject", "status")
    return others.order_by("-opened_at", "-pk")
