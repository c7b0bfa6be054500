"""The clocks of a ticket, and why each deadline is what it is."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from escalation.clocks import explain_clock
from escalation.models import Clock
from escalation.showing import clocks_of, shown
from tickets.access import ticket_for
from tickets.views.signed_in import reader

MOST_FINISHED = 30


@login_required
@require_safe
def panel(request: HttpRequest, ref: str) -> HttpResponse:
    """The panel where htmx asks for it, a page with the panel otherwise."""
    ticket = ticket_for(reader(request), ref, related=("requester__organization",))
    now = timezone.now()
    clocks = clocks_of(ticket, now)
    context = {
        "ticket": ticket,
        "live": clocks.live,
        "finished": clocks.finished[:MOST_FINISHED],
        "plan": clocks.plan,
        "now": now,
    }
    name = "escalation/clocks.html"
    return render(request, f"{name}#panel" if _is_fragment(request) else name, context)


@login_required
@require_safe
def why(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """The engine's own account of one deadline, in the reader's zone."""
    user = reader(request)
    ticket = ticket_for(user, ref)
    clock = Clock.objects.filter(ticket=ticket, pk=pk).select_related("ticket").first()
    if clock is None:
        raise Http404
    now = timezone.now()
    explanation = explain_clock(clock, user.zone, now)
    context = {"ticket": ticket, "row": shown(clock, now), "explanation": explanation}
    name = "escalation/why.html"
    return render(request, f"{name}#account" if _is_fragment(request) else name, context)


def _is_fragment(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))
