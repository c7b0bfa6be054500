"""The ticket's offers: what may be offered here and why; granting, asking, deciding, taking back."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse as reverse_url
from django.utils import timezone
from django.views.decorators.http import require_safe

from kb.offers import ledger as reading
from kb.offers import services
from kb.offers.forms import OfferForm, ReasonForm
from kb.offers.models import Grant
from kb.offers.services.choosing import budget_of
from kb.offers.services.wording import REPLY, words_of
from tickets.access import Action, NotAllowed, may, ticket_for
from tickets.errors import ServiceRefused
from tickets.leading import accounted_to
from tickets.models import Ticket
from tickets.people.models import User
from tickets.services import drafting
from tickets.views.reasons import joined, kept_of, reason
from tickets.views.signed_in import posted

# Sent along from the page of one offer, which is then shown again.
PAGE = "page"
LEFT_TO_DO = {
    Grant.State.GRANTED: "is granted. The customer does not know yet",
    Grant.State.REQUESTED: "is asked for. You are told by mail what is decided; promise nothing before.",
    Grant.State.REFUSED: "is refused. Who asked is told.",
    Grant.State.REVERSED: "is taken back. If the customer knows of it, tell them.",
}


IN_REPLY, NOT_IN_REPLY = "its words are in your reply.", "see to it that they are told."
OF_ANOTHER = "is granted. Its words are in the reply of who asked, who is told."
OF_NOBODY = (
    "is granted. Who asked may not reply here any more: see to it that the customer is told."
)


@login_required
@require_safe
def panel(request: HttpRequest, ref: str) -> HttpResponse:
    return _panel(request, ticket_for(cast(User, request.user), ref))


@login_required
@require_safe
def one(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """One offer that was made or asked for, where the mail to its approvers leads: only shown."""
    ticket = _ticket_of(request, ref, pk, Action.READ)
    return _one(request, ticket, _of(ticket, pk))


@login_required
@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    """What was given away and by whom, for those who answer for it; to others there is no such page.

    Who could lead and leads no team, whom the menu brings here too, is told so.
    """
    user, now = cast(User, request.user), timezone.now()
    teams = list(accounted_to(user))
    if not teams and not (user.may_lead or user.role == User.Role.EXECUTIVE):
        raise Http404
    months = reading.months(now)
    month = next(
        (each for each in months if f"{each:%Y-%m}" == request.GET.get("month")), months[0]
    )
    chosen = [each for each in teams if str(each.pk) == request.GET.get("team")]
    before = request.GET.get("before", "")
    context = {
        "page": reading.page(
            reader=user, teams=chosen or teams, month=month,
            before=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None,
        ),
        "teams": teams,
        "chosen": chosen[0] if chosen else None,
        "month": month,
        "months": months,
        "base_currency": settings.BASE_CURRENCY,
    }  # fmt: skip
    return render(request, "kb/ledger.html", context)


@posted
def words(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """Puts what the customer is told into one's reply, below what stands there already."""
    user = cast(User, request.user)
    ticket = ticket_for(user, ref, action=Action.REPLY)
    grant = get_object_or_404(ticket.grants.select_related("offer", "order"), pk=pk)
    grant.ticket = ticket
    if grant.state != Grant.State.GRANTED:
        said = f"{grant.words} is {grant.get_state_display().lower()}: the customer is told nothing of it."
        return _panel(request, ticket, problem=said)
    services.into_the_reply(grant, user, timezone.now())
    return redirect(reverse_url("ticket", args=[ticket.reference]) + "#reply")


@posted
def make(request: HttpRequest, ref: str) -> HttpResponse:
    """Grants it where one's authority reaches, asks for approval where «ask» was pressed."""
    user = cast(User, request.user)
    ticket = ticket_for(user, ref, action=Action.OFFER)
    form = OfferForm(request.POST)
    if not form.is_valid():
        return _panel(request, ticket, form=form)
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
        return _panel(request, ticket, form=form)
    return _done(request, ticket, row)


@posted
def approve(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    return _decide(request, ref, pk, services.approve)


@posted
def refuse(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    return _decide_with_reason(request, ref, pk, services.refuse)


@posted
def reverse(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    return _decide_with_reason(request, ref, pk, services.reverse)


def _decide_with_reason(
    request: HttpRequest, ref: str, pk: int, service: Callable[..., Grant]
) -> HttpResponse:
    form = ReasonForm(request.POST)
    if form.is_valid():
        return _decide(request, ref, pk, service, reason=str(form.cleaned_data["reason"]))
    ticket = _ticket_of(request, ref, pk, Action.APPROVE_OFFER)
    return _again(request, ticket, pk, f"The reason: {_said(form)}")


def _decide(
    request: HttpRequest, ref: str, pk: int, service: Callable[..., Grant], **given: Any
) -> HttpResponse:
    user = cast(User, request.user)
    ticket = _ticket_of(request, ref, pk, Action.APPROVE_OFFER)
    ref, grant = ticket.reference, _of(ticket, pk)
    try:
        row = service(grant=grant, actor=user, now=timezone.now(), **given)
    except ServiceRefused as refusal:
        ticket = ticket_for(user, ref)
        return _again(request, ticket, pk, reason(refusal, ticket, user, timezone.now()))
    except NotAllowed as refusal:
        return _again(request, ticket, pk, str(refusal))
    return _done(request, ticket, row)


def _ticket_of(request: HttpRequest, ref: str, pk: int, action: Action) -> Ticket:
    """The ticket on which the offer lies, also where a merge has taken it along."""
    user = cast(User, request.user)
    ticket = ticket_for(user, ref, action=action)
    while ticket.merged_into and not ticket.grants.filter(pk=pk).exists():
        ticket = ticket_for(user, ticket.merged_into.reference, action=action)
    return ticket


def _of(ticket: Ticket, pk: int) -> Grant:
    people = ("requested_by", "decided_by", "ticket__requester__organization", "ticket__team")
    rows = Grant.objects.select_related("offer", "order", *people)
    return get_object_or_404(rows, pk=pk, ticket=ticket)


def _again(request: HttpRequest, ticket: Ticket, pk: int, problem: str) -> HttpResponse:
    """Where it was refused, with why."""
    grant = Grant.objects.filter(pk=pk, ticket=ticket).first()
    if grant and PAGE in request.POST:
        return _one(request, ticket, _of(ticket, pk), problem)
    return _panel(request, ticket, problem=problem)


def _one(request: HttpRequest, ticket: Ticket, grant: Grant, problem: str = "") -> HttpResponse:
    user, now = cast(User, request.user), timezone.now()
    context = {
        "ticket": ticket,
        "grant": grant,
        "tier": ticket.requester.effective_tier,
        "why": services.reasons_for(grant.offer, ticket),
        "left": services.left_of(grant.order) if grant.order else None,
        "limit": services.limit_of(grant.offer, user, now),
        "may_approve": may(user, Action.APPROVE_OFFER, ticket),
        "is_approvable": grant.pk in services.approvable(ticket=ticket, user=user, now=now),
        "budget": budget_of(ticket, now),
        "base_currency": settings.BASE_CURRENCY,
        "problem": problem,
        "kept": kept_of(request.POST) if problem else [],
        "page": PAGE,
    }
    return render(request, "kb/offer.html", context, status=422 if problem else 200)


def _said(form: Form) -> str:
    """Every message of a refused form, for where its fields are not on the page."""
    return joined(each for errors in form.errors.values() for each in errors)


def _done(request: HttpRequest, ticket: Ticket, row: Grant) -> HttpResponse:
    """The panel again, with what is left to do; that offer is open, its words at hand."""
    if request.headers.get("HX-Request"):
        return _panel(request, ticket, done=row)
    messages.success(request, _left_to_do(row, request))
    if PAGE in request.POST:
        return redirect("offer", ref=ticket.reference, pk=row.pk)
    return redirect("offers-panel", ref=ticket.reference)


def _left_to_do(row: Grant, request: HttpRequest) -> str:
    said = LEFT_TO_DO[Grant.State(row.state)]
    if row.state == Grant.State.GRANTED:
        if row.requested_by_id == request.user.pk:
            said = f"{said}: {IN_REPLY if row.is_in_reply else NOT_IN_REPLY}"
        else:
            said = OF_ANOTHER if row.is_in_reply else OF_NOBODY
    return f"{row.words} {said}"


def _mark(row: Grant, user: User, now: datetime) -> str:
    """Of the words that the panel's button puts at once into the open reply, which has then them."""
    if not row.is_in_reply or row.requested_by_id != user.pk:
        return ""
    text = words_of(row, user, now)
    return drafting.mark_of(ticket=row.ticket, author=user, kind=REPLY, text=text)


def _panel(
    request: HttpRequest,
    ticket: Ticket,
    *,
    form: OfferForm | None = None,
    problem: str = "",
    done: Grant | None = None,
) -> HttpResponse:
    user, now = cast(User, request.user), timezone.now()
    options = services.available(ticket=ticket, user=user, now=now)
    may_offer = may(user, Action.OFFER, ticket)
    refused = str(form.data.get("offer", "")) if form else ""
    shown = {str(each.offer.pk) for each in options if may_offer and not each.living}
    if form and refused not in shown:
        problem = problem or _said(form)
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
        "left_to_do": _left_to_do(done, request) if done else "",
        "mark": _mark(done, user, now) if done else "",
        "kept": kept_of(request.POST) if problem else [],
        "grants": ticket.grants.select_related("offer", "requested_by", "decided_by"),
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
