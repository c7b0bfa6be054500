"""The customer of a ticket: what they bought and asked altogether, and what we note about them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tickets.access import Action, may, ticket_for
from tickets.filters.counting import MOST
from tickets.filters.counting import Count as Number
from tickets.forms import NotesForm
from tickets.lifecycle import ACTIVE, Status
from tickets.models import Ticket
from tickets.people.models import Contact, Order, User
from tickets.people.noting import keep_notes
from tickets.services.orders import named_but_not_linked
from tickets.views.acting import Act, act
from tickets.views.signed_in import posted, reader

LISTED, SYSTEMS = 50, 20


@dataclass(frozen=True, slots=True)
class Bought:
    """All orders in one currency."""

    currency: str
    number: int
    total: Decimal


@login_required
@require_safe
def about(request: HttpRequest, ref: str) -> HttpResponse:
    """The figures, for the panel on the ticket; a page with the lists where htmx does not ask."""
    user = reader(request)
    related = ("requester__tier", "requester__organization__tier")
    ticket = ticket_for(user, ref, related=related)
    context = _figures(ticket, user)
    if bool(getattr(request, "htmx", False)):
        return render(request, "tickets/about.html#figures", context)
    context |= _lists(ticket.requester, user) | {"now": timezone.now()}
    return render(request, "tickets/about.html", context)


@posted
def notes(request: HttpRequest, ref: str) -> HttpResponse:
    """What we know of the person and of their company, for whoever has their next ticket."""

    def do(its: Act) -> str:
        changed = keep_notes(
            contact=its.ticket.requester,
            notes=its.said["notes"],
            of_company=its.said.get("of_company", ""),
            seen=its.said["seen"],
            actor=its.actor,
        )
        return "The notes are saved." if changed else "Nothing was different."

    return act(request, ref, NotesForm, Action.TRIAGE, do, "The notes are saved.")


def _figures(ticket: Ticket, user: User) -> dict[str, Any]:
    contact, house = ticket.requester, ticket.requester.organization
    theirs = _asked(contact, user).values_list("status", flat=True)
    statuses = list(theirs[: MOST + 1])
    may_link = may(user, Action.TRIAGE, ticket) and ticket.status != Status.CLOSED
    return {
        "ticket": ticket,
        "contact": contact,
        "bought": _bought(Q(contact=contact)),
        "bought_by_all": _bought(Q(contact__organization=house)) if house else [],
        "asked": Number(len(statuses)),
        "open": sum(status in ACTIVE for status in statuses),
        "systems": list(house.systems.all()[:SYSTEMS]) if house else [],
        "named": named_but_not_linked(ticket) if may_link else [],
    }


def _lists(contact: Contact, user: User) -> dict[str, Any]:
    orders = contact.orders.order_by("-placed_at", "-pk")[:LISTED]
    return {"orders": list(orders), "past": list(_asked(contact, user)[:LISTED])}


def _asked(contact: Contact, user: User) -> QuerySet[Ticket]:
    """Their tickets, the newest first, as far as the reader may see them."""
    return Ticket.objects.reachable_by(user).filter(requester=contact).order_by("-opened_at", "-pk")


def _bought(whose: Q) -> list[Bought]:
    """Number and sum of the orders, currency by currency; amounts of several are never added."""
    sums = Order.objects.filter(whose).order_by().values("currency")
    rows = sums.annotate(number=Count("pk"), total=Sum("amount")).order_by("currency")
    return [Bought(row["currency"], row["number"], row["total"]) for row in rows]
