"""The ticket's offers: what may be offered here and why; granting it, asking for it, its words."""

from datetime import datetime
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from kb.offers import services
from kb.offers.forms import OfferForm
from kb.offers.models import Grant
from kb.offers.services.choosing import budget_of
from kb.offers.services.wording import REPLY, words_of
from kb.offers.views.saying import left_to_do
from tickets.access import Action, may, ticket_for
from tickets.errors import ServiceRefused
from tickets.models import Ticket
from tickets.people.models import User
from tickets.services import drafting
from tickets.views.reasons import joined, kept_of, reason
from tickets.views.signed_in import posted

# Sent along from the page of one offer, which is then shown again.
PAGE = "page"


@login_required
@require_safe
def panel(request: HttpRequest, ref: str) -> HttpResponse:
    return panel_of(request, ticket_for(cast(User, request.user), ref))


@posted
def words(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """Puts what the customer is told into one's reply, below what stands there already."""
    user = cast(User, request.user)
    ticket = ticket_for(user, ref, action=Action.REPLY)
    grant = get_object_or_404(ticket.grants.select_related("offer", "order"), pk=pk)
    grant.ticket = ticket
    if grant.state != Grant.State.GRANTED:
        said = f"{grant.words} is {grant.get_state_display().lower()}: the customer is told nothing of it."
        return panel_of(request, ticket, problem=said)
    services.into_the_reply(grant, user, timezone.now())
    return redirect(reverse("ticket", args=[ticket.reference]) + "#reply")


@posted
def make(request: HttpRequest, ref: str) -> HttpResponse:
    """Grants it where one's authority reaches, asks for approval where «ask» was pressed."""
    user = cast(User, request.user)
    ticket = ticket_for(user, ref, action=Action.OFFER)
    form = OfferForm(request.POST)
    if not form.is_valid():
        return panel_of(request, ticket, form=form)
    fields = form.cleaned_data
    asked = {key: fields[key] for key in ("offer", "amount", "key")}
    asked |= {"ticket": ticket, "actor": user, "now": timezone.now()}
    try:
        if "ask" in request.POST:
            row = services.request_approval(**asked, reason=fields["reason"])
        else:
            row = services.grant(**asked, reason=fields["reason"])
    except ServiceRefused as refusal:
        known = getattr(refusal, "field", "") or None
        said = reason(refusal, ticket_for(user, ref), user, asked["now"])
        form.add_error(known if known in form.fields else None, said)
        return panel_of(request, ticket, form=form)
    return done(request, ticket, row, left_to_do(row, user))


def ticket_of(request: HttpRequest, ref: str, pk: int, action: Action) -> Ticket:
    """The ticket on which the offer lies, also where a merge has taken it along."""
    user = cast(User, request.user)
    ticket = ticket_for(user, ref, action=action)
    while ticket.merged_into and not ticket.grants.filter(pk=pk).exists():
        ticket = ticket_for(user, ticket.merged_into.reference, action=action)
    return ticket


def one_of(ticket: Ticket, pk: int) -> Grant:
    people = (
        "requested_by",
        "decided_by",
        "told_by",
        "ticket__requester__organization",
        "ticket__team",
    )
    rows = Grant.objects.select_related("offer", "order", *people)
    return get_object_or_404(rows, pk=pk, ticket=ticket)


def errors_of(form: Form) -> str:
    """Every message of a refused form, for where its fields are not on the page."""
    return joined(each for errors in form.errors.values() for each in errors)


def done(request: HttpRequest, ticket: Ticket, row: Grant, said: str) -> HttpResponse:
    """The panel again, with what was done and is left to do; that offer is open, its words at hand."""
    if request.headers.get("HX-Request"):
        return panel_of(request, ticket, done=row, said=said)
    messages.success(request, said)
    if PAGE in request.POST:
        return redirect("offer", ref=ticket.reference, pk=row.pk)
    return redirect("offers-panel", ref=ticket.reference)


def _mark(row: Grant, user: User, now: datetime) -> str:
    """Of the words that the panel's button puts at once into the open reply, which has then them."""
    if not row.is_in_reply or row.requested_by_id != user.pk:
        return ""
    text = words_of(row, user, now)
    return drafting.mark_of(ticket=row.ticket, author=user, kind=REPLY, text=text)


def _is_by_itself(request: HttpRequest, ticket: Ticket) -> bool:
    """Whether the panel stands on a page of its own, which has no reply to mark."""
    page: str = request.htmx.current_url_abs_path or ""  # type: ignore[attr-defined]
    return page.startswith(reverse("offers-panel", args=[ticket.reference]))


def panel_of(
    request: HttpRequest,
    ticket: Ticket,
    *,
    form: OfferForm | None = None,
    problem: str = "",
    done: Grant | None = None,
    said: str = "",
) -> HttpResponse:
    user, now = cast(User, request.user), timezone.now()
    options = services.available(ticket=ticket, user=user, now=now)
    may_offer = may(user, Action.OFFER, ticket)
    refused = str(form.data.get("offer", "")) if form else ""
    shown = {str(each.offer.pk) for each in options if may_offer and not each.living}
    if form and refused not in shown:
        problem = problem or errors_of(form)
    context = {
        "ticket": ticket,
        "options": [
            (
                option,
                form
                if str(option.offer.pk) == refused
                else OfferForm(initial={"offer": option.offer}),
            )
            for option in options
        ],
        "problem": problem,
        "done": done,
        "left_to_do": said,
        "mark": _mark(done, user, now) if done and not _is_by_itself(request, ticket) else "",
        "kept": kept_of(request.POST) if problem else [],
        "grants": services.with_reach(
            ticket.grants.select_related("offer", "requested_by", "decided_by", "told_by"), ticket
        ),
        "approvable": services.approvable(ticket=ticket, user=user, now=now),
        "budget": budget_of(ticket, now),
        "base_currency": settings.BASE_CURRENCY,
        "may_offer": may_offer,
        "may_approve": may(user, Action.APPROVE_OFFER, ticket),
        "may_reply": may(user, Action.REPLY, ticket),
    }
    whole = not request.headers.get("HX-Request")
    status = 422 if (problem or form) and whole else 200
    template = "kb/offers_page.html" if whole else "kb/offers_panel.html"
    return render(request, template, context, status=status)
