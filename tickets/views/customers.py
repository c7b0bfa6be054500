"""A customer's own page: who they are, what we know, everything they asked, bought and called about."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from tickets.access.customers import customer_for, keeps_customers, may_keep_customers
from tickets.calls.models import Call
from tickets.errors import Conflict, ServiceRefused
from tickets.forms import CustomerForm, CustomerNotesForm
from tickets.models import Ticket
from tickets.people.noting import keep_notes
from tickets.people.noting import seen_of as notes_seen_of
from tickets.services.customers import Change, Taken, change_customer, seen_of
from tickets.views.belongings import history_of, orders_of, tickets_of
from tickets.views.signed_in import reader, writes
from tickets.words import shown

RELATED = ("organization__tier", "organization__responsible", "tier", "responsible")
CALLS, SYSTEMS = 5, 20
SAME = "Nothing was different."


@login_required
@require_safe
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, pk)


@writes
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Name, addresses, company, language, zone."""
    if request.method != "POST":
        return redirect("customer", pk)
    user, now = reader(request), timezone.now()
    may_keep_customers(user)
    contact = customer_for(user, pk)
    form = CustomerForm(request.POST, contact=contact)
    if not form.is_valid():
        return _page(request, pk, change=form, status=422)
    try:
        changes = change_customer(contact=contact, actor=user, now=now, **form.cleaned_data)
    except ServiceRefused as refusal:
        form.refuse(refusal, _whose(refusal) if isinstance(refusal, Taken) else "")
        return _page(request, pk, change=form, status=status_of(refusal))
    messages.success(request, told(changes), extra_tags="saved")
    return redirect("customer", pk)


@writes
def notes(request: HttpRequest, pk: int) -> HttpResponse:
    """What we know of the person and of their company."""
    if request.method != "POST":
        return redirect("customer", pk)
    user = reader(request)
    may_keep_customers(user)
    contact = customer_for(user, pk)
    form = CustomerNotesForm(request.POST, contact=contact)
    if not form.is_valid():
        return _page(request, pk, notes=form, status=422)
    said = {"of_company": "", **form.cleaned_data}
    said["seen"] = said.pop("as_read")
    try:
        is_other = keep_notes(contact=contact, actor=user, now=timezone.now(), **said)
    except ServiceRefused as refusal:
        form.refuse(refusal)
        return _page(request, pk, notes=form, status=status_of(refusal))
    messages.success(request, "The notes are saved." if is_other else SAME, extra_tags="saved")
    return redirect("customer", pk)


def told(changes: list[Change]) -> str:
    """What was changed, for whoever changed it."""
    return f"Saved. {'; '.join(shown(str(each)) for each in changes)}." if changes else SAME


def status_of(refusal: ServiceRefused) -> int:
    return 409 if isinstance(refusal, Conflict) else 422


def _page(
    request: HttpRequest,
    pk: int,
    *,
    change: CustomerForm | None = None,
    notes: CustomerNotesForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page; ``change`` or ``notes`` is a form that was refused, with every typed word."""
    user, now = reader(request), timezone.now()
    contact = customer_for(user, pk, related=RELATED)
    seen = Ticket.objects.reachable_by(user).filter(requester=contact)
    calls = Call.objects.visible_to(user).filter(contact=contact).exclude(ended_at=None)
    context: dict[str, Any] = {
        "contact": contact,
        "now": now,
        "seen": seen_of(contact),
        "notes_seen": notes_seen_of(contact),
        "may_change": keeps_customers(user),
        "change": change or CustomerForm(contact=contact),
        "notes": notes or CustomerNotesForm(contact=contact),
        "products": contact.products.all(),
        "systems": contact.organization.systems.all()[:SYSTEMS] if contact.organization else [],
        "tickets": tickets_of(seen, request.GET.get("tickets", ""), now),
        "is_further": "tickets" in request.GET,
        "orders": orders_of(Q(contact=contact), request.GET.get("orders", "")),
        "orders_are_further": "orders" in request.GET,
        "calls": calls.for_log()[:CALLS],
        "changes": history_of(contact) if keeps_customers(user) else [],
    }
    return render(request, "tickets/customer/page.html", context, status=status)


def _whose(refusal: Taken) -> str:
    """Whose address it is, to be looked at: the two may be the same person."""
    address = reverse("customer", args=[refusal.whose.pk])
    name = shown(refusal.whose.display_name)
    return format_html(
        'This address belongs to <a href="{}">{}</a> already. Nothing was saved.', address, name
    )
