"""Opening a ticket for a customer who calls or stands at the desk."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tickets.access import may_open
from tickets.errors import ServiceRefused
from tickets.forms import NewTicketForm
from tickets.models import Category, Ticket
from tickets.people.callers import caller
from tickets.people.models import User
from tickets.people.services import contact_for
from tickets.services.opening import open_ticket
from tickets.views.signed_in import reader


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_ticket(request: HttpRequest) -> HttpResponse:
    user, now = reader(request), timezone.now()
    may_open(user)
    form = NewTicketForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        ticket = _opened(form, user, now)
        if ticket:
            messages.success(request, f"Opened. The reference to give is {ticket.reference}.")
            return redirect("ticket", ticket.reference)
    status = 422 if form.errors else 200
    return render(request, "tickets/new.html", {"form": form}, status=status)


def _opened(form: NewTicketForm, user: User, now: datetime) -> Ticket | None:
    """The customer found or made, and the ticket; none where the form has to say why not."""
    said = dict(form.cleaned_data)
    email, phone, name = said.pop("email"), said.pop("phone"), said.pop("name")
    said["category"] = Category.objects.get(pk=said["category"])
    try:
        with transaction.atomic():
            by_mail = contact_for(email=email, name=name, now=now) if email else None
            contact = by_mail or caller(phone=phone, name=name, now=now)
            return open_ticket(**said, requester=contact, actor=user, now=now)
    except ServiceRefused as refusal:
        form.refuse(refusal)
    return None
