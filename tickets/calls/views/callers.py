"""Who is calling: looked up as one types, chosen, or a ticket opened for them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from tickets.access import call_for, may_open, may_take_calls, opens_tickets
from tickets.calls import services
from tickets.calls.finding import callers, known
from tickets.calls.forms import CallerTicketForm
from tickets.calls.models import Call
from tickets.errors import ServiceRefused
from tickets.models import Category
from tickets.people.models import Contact, User
from tickets.searching.customers import SHORTEST
from tickets.views.opening import DIFFERS
from tickets.views.signed_in import reader, writes


@login_required
@require_safe
def look(request: HttpRequest) -> HttpResponse:
    """Only those found, for the call under way or, without one, to begin a call with."""
    user = reader(request)
    may_take_calls(user)
    pk = request.GET.get("call", "")
    mine = call_for(user, int(pk)) if _is_number(pk) else None
    return render(request, "calls/callers.html", looked_up(request, mine) | {"call": mine})


def looked_up(request: HttpRequest, call: Call | None) -> dict[str, Any]:
    """What the search for a caller found; of a call whose customer is known, their open tickets."""
    user = reader(request)
    asked = request.GET.get("q")
    words = (asked if asked is not None else _first_guess(call)).strip()[:100]
    if call is not None and call.contact is not None and asked is None:
        found = [known(call.contact, user)]
    else:
        found = callers(words, user) if opens_tickets(user) else []
    return {
        "words": words, "found": found, "is_asked": len(words) >= SHORTEST,
        "opens_tickets": opens_tickets(user),
    }  # fmt: skip


def found(pk: str, user: User) -> Contact:
    """The contact that a form names, for who may look callers up. Raises Http404, NotAllowed."""
    may_take_calls(user)
    them = Contact.objects.filter(pk=int(pk)).first() if _is_number(pk) else None
    if them is None:
        raise Http404
    return them


@writes
@require_http_methods(["GET", "HEAD", "POST"])
def new_ticket(request: HttpRequest, pk: int) -> HttpResponse:
    """A ticket opened for who is on the phone; the call is on it from then on."""
    user, now = reader(request), timezone.now()
    may_open(user)
    call = call_for(user, pk)
    if call.ticket is not None or not call.is_under_way:
        return redirect("call", pk)
    form = CallerTicketForm(request.POST if request.method == "POST" else None, call=call)
    form.initial = {"phone": call.number, "name": request.GET.get("name", "")[:160]}
    if form.is_bound and form.is_valid():
        said = dict(form.cleaned_data)
        said["category"] = Category.objects.get(pk=said["category"])
        try:
            ticket, differs = services.open_ticket_on(call=call, actor=user, now=now, **said)
        except ServiceRefused as refusal:
            form.refuse(refusal)
        else:
            told = f"Opened. The reference to give is {ticket.reference}."
            messages.success(request, told, extra_tags="saved")
            if differs:
                messages.warning(request, DIFFERS)
            return redirect("ticket", ticket.reference)
    context = {"form": form, "call": call, "contact": call.contact}
    return render(request, "calls/new_ticket.html", context, status=422 if form.errors else 200)


def _first_guess(call: Call | None) -> str:
    return call.number if call and not call.contact else ""


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
