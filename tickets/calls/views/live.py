"""A call under way: its page, and what one does to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tickets import choices
from tickets.access import Action, call_for, ticket_for
from tickets.calls import services
from tickets.calls.forms import FinishForm, HoldForm, PassForm
from tickets.calls.models import Call, Callback
from tickets.calls.standing import standing_of
from tickets.calls.views.acting import act, answer, posted
from tickets.calls.views.callers import found, looked_up
from tickets.errors import ServiceRefused
from tickets.people.models import Contact, User
from tickets.views.acting import back_to
from tickets.views.away import until_when
from tickets.views.reasons import joined, kept
from tickets.views.signed_in import reader
from tickets.views.ways import ticket_address, way_of
from tickets.words import clock_badge


@login_required
@require_safe
def call(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one's call; its panel alone where the ticket's page asks for it."""
    return call_page(request, call_for(reader(request), pk))


@login_required
@require_safe
def now(request: HttpRequest, pk: int) -> HttpResponse:
    """How it stands, asked for again whenever it has changed: no typed word is in it."""
    return render(request, "calls/now.html", _standing(call_for(reader(request), pk)))


@posted
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    form = HoldForm(request.POST)
    if not form.is_valid():
        refused = "A moment is 5 to 1800 seconds, in the digits 0 to 9."
        return answer(request, call_for(reader(request), pk), refused=refused)
    because = form.cleaned_data["because"]
    return act(
        request, pk,
        lambda call, user, at: services.hold(
            call=call, actor=user, now=at, because=because, **form.moment
        ),
    )  # fmt: skip


@posted
def back(request: HttpRequest, pk: int) -> HttpResponse:
    return act(request, pk, lambda call, user, at: services.resume(call=call, actor=user, now=at))


@posted
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """The summary as it is being typed; silently, unless the call is over."""
    text = request.POST.get("summary", "")[:10_000]

    def keep(call: Call, user: User, at: datetime) -> None:
        services.keep_draft(call=call, summary=text, actor=user, now=at)

    if not request.htmx:  # type: ignore[attr-defined]
        return act(request, pk, keep, "What is written is kept.")
    mine = call_for(reader(request), pk)
    try:
        keep(mine, reader(request), timezone.now())
    except ServiceRefused as refusal:
        return render(request, "calls/draft.html", {"refused": refusal.message}, status=409)
    return render(request, "calls/draft.html", {"kept_at": timezone.now()})


@posted
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    """It is about this ticket; or only: it is this customer."""
    ref, contact = request.POST.get("ticket", ""), request.POST.get("contact", "")
    user = reader(request)
    if ref:
        ticket = ticket_for(user, ref, action=Action.CALL)
        return act(
            request, pk,
            lambda call, user, at: services.attach(call=call, ticket=ticket, actor=user, now=at),
            f"The call is on {ticket.reference}.",
        )  # fmt: skip
    them = found(contact, user)
    return act(
        request, pk,
        lambda call, user, at: services.name_caller(call=call, contact=them, actor=user, now=at),
    )  # fmt: skip


@posted
def pass_on(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    mine = call_for(user, pk)
    form = PassForm(request.POST, listed=choices.of_the_desk(), me=user.pk)
    if form.is_valid():
        to = form.whom()
        try:
            services.pass_on(
                call=mine, to=to, note=form.cleaned_data["note"], actor=user,
                now=timezone.now(),
            )  # fmt: skip
        except ServiceRefused as refusal:
            form.refuse(refusal)
        else:
            until = until_when(to, timezone.now()) if isinstance(to, User) else ""
            who = f"{mine.passed_to}, who is {until}" if until else mine.passed_to
            said = f"Passed on to {who}. Finish the call when you have hung up."
            return answer(request, mine, said, warns=bool(until))
    return call_page(request, mine, form, status=422)


@posted
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    user, at = reader(request), timezone.now()
    form = FinishForm(request.POST, call=call_for(user, pk), now=at)
    done = form.is_valid() and _finished(form, user, at)
    mine = call_for(user, pk)
    if done or _is_as_said(mine, form):
        messages.success(request, "The call is in the log.", extra_tags="saved")
        return back_to(user, mine.ticket, request) if mine.ticket else redirect("phone")
    return call_page(request, mine, form, status=422)


def _finished(form: FinishForm, user: User, at: datetime) -> bool:
    """Whether it is over now; where not, the form says why."""
    said = form.cleaned_data
    try:
        services.finish(
            call=form.call, outcome=said["outcome"], summary=said["summary"], actor=user, now=at,
            ended_at=said.get("ended_at"), promise=form.promised(),
        )  # fmt: skip
    except ServiceRefused as refusal:
        form.refuse(refusal)
        return False
    return True


def _is_as_said(call: Call, form: FinishForm) -> bool:
    """A second click on the same button: nothing of what it says is missing from the log."""
    said = form.cleaned_data
    promised = said.get("promise") or form.data.get("promise_at")
    if call.is_under_way or call.outcome != said.get("outcome"):
        return False
    summary = str(said.get("summary")).replace("\r\n", "\n").strip()
    kept = Callback.objects.filter(ticket=call.ticket_id, promised_at__gte=call.started_at)
    return call.summary == summary and (not promised or kept.exists())


def call_page(
    request: HttpRequest, call: Call, bound: Any = None, *, status: int = 200
) -> HttpResponse:
    """The page; ``bound`` is a form that was refused, shown with its errors and its typed text."""
    if not call.is_under_way:
        problem = joined(bound.non_field_errors()) if bound else ""
        words = kept(bound) if bound else []
        context = {"call": call, "problem": problem, "kept": words}
        return render(request, "calls/over.html", context, status=409 if bound else status)
    user, at = reader(request), timezone.now()
    context = _standing(call) | looked_up(request, call)
    context |= {
        "finish": bound if isinstance(bound, FinishForm) else FinishForm(call=call, now=at),
        "pass": bound
        if isinstance(bound, PassForm)
        else PassForm(listed=choices.of_the_desk(), me=user.pk),
        "refused": bound.key if bound else "",
        "is_panel": bool(request.htmx) and bound is None,  # type: ignore[attr-defined]
    }
    if call.ticket is not None:
        ref = call.ticket.reference
        context |= {"way": way_of(request, ref), "ticket_page": ticket_address(request, ref)}
    name = "calls/panel.html" if context["is_panel"] else "calls/call.html"
    return render(request, name, context, status=status)


def _standing(call: Call) -> dict[str, Any]:
    if not call.is_under_way:
        raise Http404
    at, ticket = timezone.now(), call.ticket
    contact: Contact | None = call.contact
    badge = None
    if ticket is not None:
        badge = clock_badge(
            status=ticket.status, due_at=ticket.next_due_at, metric=ticket.next_due_metric,
            is_paused=ticket.is_paused, now=at,
        )  # fmt: skip
    return {
        "call": call, "ticket": ticket, "contact": contact, "standing": standing_of(call, at),
        "badge": badge, "tier": contact.effective_tier if contact else None,
        "now": at,
    }  # fmt: skip
