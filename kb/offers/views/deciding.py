"""Deciding about an offer that was made: approving, refusing, reversing it, and whether the customer knows."""

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from kb.offers import services
from kb.offers.forms import ReasonForm
from kb.offers.models import Grant
from kb.offers.services.choosing import budget_of
from kb.offers.views.panel import PAGE, done, errors_of, one_of, panel_of, ticket_of
from kb.offers.views.saying import Says, known, left_to_do
from tickets.access import Action, NotAllowed, may, ticket_for
from tickets.errors import ServiceRefused
from tickets.models import Ticket
from tickets.people.models import User
from tickets.views.reasons import kept_of, reason
from tickets.views.signed_in import posted


@login_required
@require_safe
def one(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """One offer that was made or asked for, where the mail to its approvers leads: only shown."""
    ticket = ticket_of(request, ref, pk, Action.READ)
    return _one(request, ticket, one_of(ticket, pk))


@posted
def approve(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    return _decide(request, ref, pk, services.approve)


@posted
def refuse(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    return _decide_with_reason(request, ref, pk, services.refuse)


@posted
def reverse(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """``untold`` is sent along where it was shown that the customer does not know of it."""
    untold = "untold" in request.POST
    return _decide_with_reason(request, ref, pk, services.reverse, untold=untold)


@posted
def told(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """Somebody says that the customer knows of it, or, with ``not``, that they do not after all."""
    knows = "not" not in request.POST
    return _decide(request, ref, pk, services.say_told, Action.REPLY, known, knows=knows)


def _decide_with_reason(
    request: HttpRequest, ref: str, pk: int, service: Callable[..., Grant], **given: Any
) -> HttpResponse:
    form = ReasonForm(request.POST)
    if form.is_valid():
        given["reason"] = str(form.cleaned_data["reason"])
        return _decide(request, ref, pk, service, **given)
    ticket = ticket_of(request, ref, pk, Action.APPROVE_OFFER)
    return _again(request, ticket, pk, f"The reason: {errors_of(form)}")


def _decide(
    request: HttpRequest,
    ref: str,
    pk: int,
    service: Callable[..., Grant],
    action: Action = Action.APPROVE_OFFER,
    says: Says = left_to_do,
    **given: Any,
) -> HttpResponse:
    user = cast(User, request.user)
    ticket = ticket_of(request, ref, pk, action)
    ref, grant = ticket.reference, one_of(ticket, pk)
    try:
        row = service(grant=grant, actor=user, now=timezone.now(), **given)
    except ServiceRefused as refusal:
        ticket = ticket_for(user, ref)
        return _again(request, ticket, pk, reason(refusal, ticket, user, timezone.now()))
    except NotAllowed as refusal:
        return _again(request, ticket, pk, str(refusal))
    return done(request, ticket, row, says(row, user))


def _again(request: HttpRequest, ticket: Ticket, pk: int, problem: str) -> HttpResponse:
    """Where it was refused, with why."""
    grant = Grant.objects.filter(pk=pk, ticket=ticket).first()
    if grant and PAGE in request.POST:
        return _one(request, ticket, one_of(ticket, pk), problem)
    return panel_of(request, ticket, problem=problem)


def _one(request: HttpRequest, ticket: Ticket, grant: Grant, problem: str = "") -> HttpResponse:
    user, now = cast(User, request.user), timezone.now()
    context = {
        "ticket": ticket,
        "grant": services.with_reach([grant], ticket)[0],
        "tier": ticket.requester.effective_tier,
        "why": services.reasons_for(grant.offer, ticket),
        "left": services.left_of(grant.order) if grant.order else None,
        "limit": services.limit_of(grant.offer, user, now),
        "may_approve": may(user, Action.APPROVE_OFFER, ticket),
        "may_reply": may(user, Action.REPLY, ticket),
        "is_approvable": grant.pk in services.approvable(ticket=ticket, user=user, now=now),
        "budget": budget_of(ticket, now),
        "base_currency": settings.BASE_CURRENCY,
        "problem": problem,
        "kept": kept_of(request.POST) if problem else [],
        "page": PAGE,
    }
    return render(request, "kb/offer.html", context, status=422 if problem else 200)
