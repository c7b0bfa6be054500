"""The calls of a ticket: what was said, what is owed; logging one that is over, withdrawing a promise."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tickets.access import Action, may, ticket_for
from tickets.calls import services
from tickets.calls.forms import CallForm, WithdrawForm, owed_on
from tickets.calls.models import Call, Callback
from tickets.errors import Invalid
from tickets.forms import DeskForm
from tickets.models import Ticket
from tickets.views.acting import Act, act
from tickets.views.reasons import joined, kept
from tickets.views.signed_in import posted, reader

MOST = 30


@login_required
@require_safe
def panel(request: HttpRequest, ref: str) -> HttpResponse:
    """The panel where htmx asks for it, a page with the panel otherwise."""
    return _page(request, ticket_for(reader(request), ref))


@posted
def log(request: HttpRequest, ref: str) -> HttpResponse:
    """A call that ended just now; one of ours that reached the customer keeps an owed callback."""

    def do(its: Act) -> Call:
        return services.log_call(
            ticket=its.ticket, contact=None, direction=its.said["direction"],
            outcome=its.said["outcome"], summary=its.said["summary"], actor=its.actor, now=its.now,
            started_at=its.now - timedelta(minutes=its.said["minutes"]), ended_at=its.now,
            callback=_named(its),
        )  # fmt: skip

    return act(request, ref, CallForm, Action.CALL, do, "The call is in the log.")


@posted
def withdraw(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """The customer does not need the call any more, or was told otherwise."""
    ticket = ticket_for(reader(request), ref)
    callback = owed_on(ticket, pk)
    if callback is None:
        raise Http404
    return act(
        request, ref, WithdrawForm, Action.CALL,
        lambda its: services.withdraw_callback(
            callback=callback, actor=its.actor, now=its.now,
            because=" ".join(its.said["because"].split()),
        ) and "The call is not owed any more.",
        "", refused=_refused,
    )  # fmt: skip


def _named(its: Act) -> Callback | None:
    pk = its.said["callback"]
    callback = owed_on(its.ticket, pk)
    if pk and callback is None:
        raise Invalid("This callback was promised on another ticket.", "callback")
    return callback


def _refused(request: HttpRequest, ticket: Ticket, form: DeskForm, status: int) -> HttpResponse:
    return _page(request, ticket, form, status)


def _page(
    request: HttpRequest, ticket: Ticket, bound: DeskForm | None = None, status: int = 200
) -> HttpResponse:
    calls = Call.objects.filter(ticket=ticket).exclude(ended_at=None).for_log()
    promises = Callback.objects.filter(ticket=ticket)
    running = Call.objects.filter(ticket=ticket).under_way().select_related("contact", "agent")
    context = {
        "ticket": ticket,
        "calls": list(calls[:MOST]),
        "running": list(running.exclude(agent=reader(request))),
        "owed": list(promises.owed().for_list().soonest()[:MOST]),
        "settled": list(promises.exclude(state="open").order_by("-settled_at", "-pk")[:MOST]),
        "may_call": may(reader(request), Action.CALL, ticket) and not ticket.merged_into_id,
        "problem": joined(e for errors in bound.errors.values() for e in errors) if bound else "",
        "kept": kept(bound) if bound else [],
        "now": timezone.now(),
    }
    name = "calls/ticket.html"
    fragment = bool(request.htmx) and bound is None  # type: ignore[attr-defined]
    return render(request, f"{name}#panel" if fragment else name, context, status=status)
