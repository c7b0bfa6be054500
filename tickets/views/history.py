"""What a ticket's customer bought and asked before, one by one and altogether."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tickets.access import Action, may, ticket_for
from tickets.counting import Count as Number
from tickets.lifecycle import ACTIVE, Status
from tickets.models import Ticket
from tickets.people.models import Order, User
from tickets.services.orders import named_but_not_linked
from tickets.views.belongings import bought
from tickets.views.signed_in import reader

PAST, ORDERS = 5, 8
# On the page of their own.
LISTED = 50
MOST, SYSTEMS = 999, 20


@login_required
@require_safe
def panel(request: HttpRequest, ref: str) -> HttpResponse:
    """The panel where htmx asks for it; otherwise a page that lists more."""
    user = reader(request)
    ticket = ticket_for(user, ref, related=("requester__organization",))
    part = bool(request.htmx)  # type: ignore[attr-defined]
    context = {
        "ticket": ticket,
        "contact": ticket.requester,
        "orders": list(_orders(ticket)[: ORDERS if part else LISTED]),
        "past": list(_past(ticket, user)[: PAST if part else LISTED]),
        **_altogether(ticket, user),
    }
    return render(request, f"tickets/history.html{'#panel' if part else ''}", context)


def _altogether(ticket: Ticket, user: User) -> dict[str, Any]:
    contact, house = ticket.requester, ticket.requester.organization
    statuses = list(_past(ticket, user).values_list("status", flat=True)[: MOST + 1])
    may_link = may(user, Action.TRIAGE, ticket) and ticket.status != Status.CLOSED
    return {
        "bought": bought(Q(contact=contact)),
        "bought_by_all": bought(Q(contact__organization=house)) if house else [],
        "asked": Number(len(statuses), MOST),
        "open": sum(status in ACTIVE for status in statuses),
        "systems": list(house.systems.all()[:SYSTEMS]) if house else [],
        "named": named_but_not_linked(ticket) if may_link else [],
    }


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
