"""A company's own page: its people, its systems, everything they asked and bought."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tickets.access.customers import (
    company_for,
    customers_of,
    keeps_customers,
    may_keep_customers,
)
from tickets.calls.models import Call
from tickets.errors import ServiceRefused
from tickets.forms import CompanyForm, CompanyNotesForm
from tickets.models import Ticket
from tickets.people.models import Organization, User
from tickets.people.noting import keep_company_notes, seen_of_company
from tickets.querysets import MOST_NUMBERS
from tickets.services.customers import change_company, seen_of
from tickets.views.belongings import history_of, orders_of, tickets_of
from tickets.views.customers import CALLS, SAME, SYSTEMS, status_of, told
from tickets.views.signed_in import reader, writes

PEOPLE = 20


@login_required
@require_safe
def company(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, pk)


@writes
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name."""
    if request.method != "POST":
        return redirect("company", pk)
    user, now = reader(request), timezone.now()
    may_keep_customers(user)
    house = company_for(user, pk)
    form = CompanyForm(request.POST, company=house)
    if not form.is_valid():
        return _page(request, pk, change=form, status=422)
    try:
        changes = change_company(company=house, actor=user, now=now, **form.cleaned_data)
    except ServiceRefused as refusal:
        form.refuse(refusal)
        return _page(request, pk, change=form, status=status_of(refusal))
    messages.success(request, told(changes), extra_tags="saved")
    return redirect("company", pk)


@writes
def notes(request: HttpRequest, pk: int) -> HttpResponse:
    """What we know of the company."""
    if request.method != "POST":
        return redirect("company", pk)
    user = reader(request)
    may_keep_customers(user)
    house = company_for(user, pk)
    form = CompanyNotesForm(request.POST, company=house)
    if not form.is_valid():
        return _page(request, pk, notes=form, status=422)
    said = form.cleaned_data
    try:
        is_other = keep_company_notes(
            company=house,
            notes=said["of_company"],
            seen=said["seen"],
            actor=user,
            now=timezone.now(),
        )
    except ServiceRefused as refusal:
        form.refuse(refusal)
        return _page(request, pk, notes=form, status=status_of(refusal))
    messages.success(request, "The notes are saved." if is_other else SAME, extra_tags="saved")
    return redirect("company", pk)


def _page(
    request: HttpRequest,
    pk: int,
    *,
    change: CompanyForm | None = None,
    notes: CompanyNotesForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page; ``change`` or ``notes`` is a form that was refused, with every typed word."""
    user, now = reader(request), timezone.now()
    house = company_for(user, pk, related=("tier", "responsible"))
    people = customers_of(user).filter(organization=house).select_related("tier")
    first = list(people.order_by("name", "pk")[: PEOPLE + 1])
    seen = Ticket.objects.reachable_by(user).filter(organization=house)
    is_keeper = keeps_customers(user)
    whose = Q(contact__organization=house)
    if not is_keeper:
        whose = Q(contact__in=people.order_by().values("pk"))
    context: dict[str, Any] = {
        "company": house,
        "now": now,
        "seen": seen_of(house),
        "notes_seen": seen_of_company(house),
        "may_change": is_keeper,
        "change": change or CompanyForm(company=house),
        "notes": notes or CompanyNotesForm(company=house),
        "people": first[:PEOPLE],
        "has_more_people": len(first) > PEOPLE,
        "systems": house.systems.all()[:SYSTEMS],
        "tickets": tickets_of(seen, request.GET.get("tickets", ""), now),
        "is_further": "tickets" in request.GET,
        "orders": orders_of(whose, request.GET.get("orders", "")),
        "orders_are_further": "orders" in request.GET,
        "calls": _calls(house, user),
        "changes": history_of(house) if is_keeper else [],
    }
    return render(request, "tickets/customer/company.html", context, status=status)


def _calls(house: Organization, user: User) -> Any:
    """The last calls with its people; these as numbers, so that PostgreSQL goes from them to their
    calls instead of through all calls."""
    people = list(house.contacts.order_by().values_list("pk", flat=True)[:MOST_NUMBERS])
    calls = Call.objects.visible_to(user).filter(contact__in=people).exclude(ended_at=None)
    return calls.for_log()[:CALLS]
