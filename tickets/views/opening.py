"""Opening a ticket for a customer who calls or stands at the desk."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tickets.access import may_open
from tickets.access.customers import customer_for
from tickets.errors import ServiceRefused
from tickets.forms import NewTicketForm
from tickets.models import Category, Ticket
from tickets.people.models import Team, User
from tickets.services.receiving import receive
from tickets.views import tools
from tickets.views.signed_in import reader, writes

DIFFERS = (
    "What you typed differs from what is known of this customer: see the note. "
    "What is known can be changed on the customer's page."
)


@writes
@require_http_methods(["GET", "HEAD", "POST"])
def new_ticket(request: HttpRequest) -> HttpResponse:
    user, now = reader(request), timezone.now()
    may_open(user)
    form = NewTicketForm(request.POST if request.method == "POST" else None)
    form.initial = _known(user, tools.number(request.GET.get("customer")))
    if form.is_bound and form.is_valid():
        ticket = _opened(request, form, user, now)
        if ticket:
            return redirect("ticket", ticket.reference)
    return page(request, form)


def page(request: HttpRequest, form: NewTicketForm, from_template: str = "") -> HttpResponse:
    """The form of a new ticket; ``from_template`` names what filled it in."""
    context = {"form": form, "from_template": from_template}
    return render(request, "tickets/new.html", context, status=422 if form.errors else 200)


def _known(user: User, customer: int | None) -> dict[str, str]:
    """What is known already where it is for a customer whose page one came from."""
    if customer is None:
        return {}
    them = customer_for(user, customer)
    return {"email": them.email or "", "phone": them.phone, "name": them.name}


def _opened(request: HttpRequest, form: NewTicketForm, user: User, now: datetime) -> Ticket | None:
    """The ticket, its reference told; none where the form has to say why not."""
    said = dict(form.cleaned_data)
    said["category"] = Category.objects.get(pk=said["category"])
    said["team"] = Team.objects.filter(pk=said["team"]).first()
    try:
        ticket, differs = receive(**said, actor=user, now=now)
    except ServiceRefused as refusal:
        form.refuse(refusal)
        return None
    told = f"Opened. The reference to give is {ticket.reference}."
    messages.success(request, told, extra_tags="saved")
    if differs:
        messages.warning(request, DIFFERS)
    return ticket
