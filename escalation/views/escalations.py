"""The escalations of a ticket, and what people answer to them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from escalation import raising
from escalation.forms import HandBackForm, HandOverForm, TakeOverForm
from escalation.models import Escalation
from escalation.stopping import stoppable
from escalation.taking import holder, taken
from escalation.views import answering
from escalation.views.answering import line
from tickets.access import Action, permitted, ticket_for
from tickets.forms import DeskForm
from tickets.models import Ticket
from tickets.views.acting import act
from tickets.views.reasons import joined, kept
from tickets.views.signed_in import posted, reader

MOST_ENDED = 20
State = Escalation.State
FORMS: dict[str, type[DeskForm]] = {
    "hand_over": HandOverForm,
    "take_over": TakeOverForm,
    "hand_back": HandBackForm,
}


@login_required
@require_safe
def panel(request: HttpRequest, ref: str) -> HttpResponse:
    """The panel where htmx asks for it, a page with the panel otherwise."""
    return _page(request, ticket_for(reader(request), ref))


@posted
def acknowledge(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    return answering.acknowledge(request, ref, pk, refused=_refused)


@posted
def hand_over(request: HttpRequest, ref: str) -> HttpResponse:
    return act(
        request, ref, HandOverForm, Action.HAND_OVER,
        lambda its: raising.hand_over(
            ticket=its.ticket, actor=its.actor, reason=line(its.said["reason"]), now=its.now
        ),
        "A supervisor has been told and will take over.",
        refused=_refused,
    )  # fmt: skip


@posted
def take_over(request: HttpRequest, ref: str) -> HttpResponse:
    return answering.take_over(request, ref, refused=_refused)


@posted
def hand_back(request: HttpRequest, ref: str) -> HttpResponse:
    return answering.hand_back(request, ref, HandBackForm, refused=_refused)


def _refused(request: HttpRequest, ticket: Ticket, form: DeskForm, status: int) -> HttpResponse:
    """The escalations as a page, with what was typed still there."""
    return _page(request, ticket, form, status)


def _page(
    request: HttpRequest, ticket: Ticket, bound: DeskForm | None = None, status: int = 200
) -> HttpResponse:
    rows = list(
        Escalation.objects.filter(ticket=ticket)
        .select_related("acknowledged_by", "taken_over_by", "clock")
        .prefetch_related("steps")
        .order_by("-started_at", "-pk")[:100]
    )
    under_way = [row for row in rows if row.is_under_way]
    may = _may(request, ticket, under_way)
    stack = taken(under_way)
    context = {
        "ticket": ticket,
        "held_by": holder(stack, ticket),
        "held_since": stack[0].order()[0] if stack else None,
        "under_way": under_way,
        "ended": [row for row in rows if not row.is_under_way][:MOST_ENDED],
        "mine": stoppable(reader(request), under_way, ticket),
        "may": may,
        "forms": _forms(ticket, bound, may),
        "refused": bound.key if bound else "",
        "problem": joined(bound.non_field_errors()) if bound else "",
        "kept": kept(bound) if bound and not may.get(bound.key.replace("-", "_")) else [],
        "now": timezone.now(),
    }
    name = "escalation/escalations.html"
    fragment = bool(getattr(request, "htmx", False)) and bound is None
    return render(request, f"{name}#panel" if fragment else name, context, status=status)


def _may(request: HttpRequest, ticket: Ticket, under_way: list[Escalation]) -> dict[str, bool]:
    """What the reader is allowed and what makes sense as the ticket stands."""
    user = reader(request)
    allowed = permitted(user, ticket)
    stack = taken(under_way)
    held_by = holder(stack, ticket)
    waiting = any(
        row.trigger == Escalation.Trigger.HAND_OVER and row.state == State.OPEN for row in under_way
    )
    return {
        "take_over": Action.TAKE_OVER in allowed and ticket.is_active and held_by != user,
        "hand_over": Action.HAND_OVER in allowed
        and ticket.is_active
        and not waiting
        and held_by is None,
        "hand_back": Action.HAND_BACK in allowed and bool(stack) and held_by in (None, user),
    }


def _forms(ticket: Ticket, bound: DeskForm | None, may: dict[str, bool]) -> dict[str, Any]:
    """Those that are shown."""
    return {
        name: bound if isinstance(bound, form) else form(ticket=ticket)
        for name, form in FORMS.items()
        if may[name]
    }
