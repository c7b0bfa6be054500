"""The phone's own page: begin a call, the calls we owe, one's last calls; and a customer's calls."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tickets.access import Action, may_take_calls, ticket_for
from tickets.calls import services
from tickets.calls.forms import LogForm, owed_on
from tickets.calls.models import Call, Callback
from tickets.calls.views.callers import found, looked_up
from tickets.errors import Conflict, ServiceRefused
from tickets.models import Ticket
from tickets.people.models import User
from tickets.views.signed_in import reader, writes
from tickets.views.ways import ticket_address

MOST_OWED, MOST_CALLS = 50, 20


@login_required
@require_safe
def phone(request: HttpRequest) -> HttpResponse:
    may_take_calls(reader(request))
    return _page(request, LogForm())


@writes
def log(request: HttpRequest) -> HttpResponse:
    """A call that has just ended and belongs to no ticket."""
    if request.method != "POST":
        return redirect("phone")
    user, now, form = reader(request), timezone.now(), LogForm(request.POST)
    may_take_calls(user)
    if form.is_valid():
        said = form.cleaned_data
        try:
            services.log_call(
                ticket=None, contact=None, direction=said["direction"], outcome=said["outcome"],
                started_at=now - timedelta(minutes=said["minutes"]), ended_at=now,
                summary=said["summary"], number_called=said["number"], actor=user, now=now,
            )  # fmt: skip
        except ServiceRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "The call is in the log.", extra_tags="saved")
            return redirect("phone")
    return _page(request, form, status=422)


def _page(request: HttpRequest, form: LogForm, *, status: int = 200) -> HttpResponse:
    user = reader(request)
    owed = list(Callback.objects.owed().visible_to(user).for_list().soonest()[: MOST_OWED + 1])
    context = {
        "owed": owed[:MOST_OWED],
        "has_more": len(owed) > MOST_OWED,
        "calls": Call.objects.of(user).exclude(ended_at=None).for_log()[:MOST_CALLS],
        "now": timezone.now(),
        "log": form,
        **looked_up(request, None),
    }
    return render(request, "calls/phone.html", context, status=status)


@login_required
@require_safe
def of_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Every call with one customer, as far as the reader sees them."""
    user = reader(request)
    contact = found(str(pk), user)
    calls = Call.objects.visible_to(user).filter(contact=contact).exclude(ended_at=None)
    page, after = _paged(request, calls)
    context = {"contact": contact, "calls": page, "after": after, "now": timezone.now()}
    return render(request, "calls/of_contact.html", context)


@writes
def start(request: HttpRequest) -> HttpResponse:
    """A call begins: on a ticket, with a customer, or with nobody known yet."""
    if request.method != "POST":
        return redirect("phone")
    user, said = reader(request), request.POST
    ticket = _ticket(user, said.get("ticket", ""))
    if ticket is None:
        may_take_calls(user)
    contact = said.get("contact", "")
    try:
        call = services.begin(
            direction=said.get("direction", ""), actor=user, now=timezone.now(), ticket=ticket,
            contact=found(contact, user) if contact else None,
            number_called=said.get("number", "")[:60], callback=_callback(ticket, said),
            beside=_known(said),
        )  # fmt: skip
    except ServiceRefused as refusal:
        return _refused(request, user, ticket, refusal)
    if call.ticket is not None:
        return redirect(ticket_address(request, call.ticket.reference))
    return redirect("call", call.pk)


def _refused(
    request: HttpRequest, user: User, ticket: Ticket | None, refusal: ServiceRefused
) -> HttpResponse:
    """A second call, or a second click on the first: to the one that is under way."""
    messages.warning(request, refusal.message)
    running = Call.objects.of(user).under_way().first()
    if isinstance(refusal, Conflict) and running:
        return redirect("call", running.pk)
    return redirect(ticket_address(request, ticket.reference) if ticket else "phone")


def _ticket(user: User, ref: str) -> Ticket | None:
    return ticket_for(user, ref, action=Action.CALL) if ref else None


def _callback(ticket: Ticket | None, said: Any) -> Callback | None:
    named = said.get("callback", "")
    if not named:
        return None
    callback = owed_on(ticket, _number(named)) if ticket else None
    if callback is None:
        raise Http404
    return callback


def _known(said: Any) -> set[int]:
    """Of whom the page said that they are calling already."""
    number = _number(said.get("beside", ""))
    return {number} if number else set()


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _paged(request: HttpRequest, calls: Any) -> tuple[list[Call], int | None]:
    """A page of a log, by number: later calls have higher ones, or nearly so."""
    before = _number(request.GET.get("before", ""))
    if before is not None:
        calls = calls.filter(pk__lt=before)
    rows = list(calls.for_log().order_by("-pk")[: MOST_OWED + 1])
    return rows[:MOST_OWED], rows[MOST_OWED - 1].pk if len(rows) > MOST_OWED else None
