"""The clocks of a ticket, and why each deadline is what it is."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from escalation.clocks import explain_clock
from escalation.models import Binding, Clock
from escalation.sla.state import State
from tickets.access import ticket_for
from tickets.models import Ticket
from tickets.views.signed_in import reader
from tickets.words import METRICS, Badge, clock_badge

MOST_FINISHED = 30


@dataclass(frozen=True, slots=True)
class Row:
    clock: Clock
    name: str
    badge: Badge


@login_required
@require_safe
def panel(request: HttpRequest, ref: str) -> HttpResponse:
    """The panel where htmx asks for it, a page with the panel otherwise."""
    ticket = ticket_for(reader(request), ref)
    now = timezone.now()
    clocks = list(Clock.objects.filter(ticket=ticket).order_by("-started_at", "-pk")[:200])
    rows = [_row(clock, now) for clock in clocks]
    live = sorted((row for row in rows if row.clock.is_live), key=_by_deadline)
    context = {
        "ticket": ticket,
        "live": live,
        "finished": [row for row in rows if not row.clock.is_live][:MOST_FINISHED],
        "binding": _binding(ticket),
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
    context = {"ticket": ticket, "row": _row(clock, now), "explanation": explanation}
    name = "escalation/why.html"
    return render(request, f"{name}#account" if _is_fragment(request) else name, context)


def _row(clock: Clock, now: datetime) -> Row:
    name = METRICS.get(clock.metric, clock.metric)
    return Row(clock, name, _badge(clock, name, now))


def _badge(clock: Clock, name: str, now: datetime) -> Badge:
    if not clock.is_live:
        tones = {"met": "calm", "met_late": "paused", "cancelled": "none"}
        return Badge(tones[clock.state], clock.get_state_display().lower())
    if clock.state == State.RUNNING and clock.due_at is None:
        return Badge("none", "no deadline")
    if clock.due_at is None:
        return Badge("paused", "late, paused" if clock.breached_at else "paused")
    return clock_badge(
        status="open", due_at=clock.due_at, metric=clock.metric, is_paused=False, now=now
    )


def _by_deadline(row: Row) -> tuple[bool, datetime, int]:
    due = row.clock.due_at
    return (due is None, due or row.clock.started_at, row.clock.pk)


def _binding(ticket: Ticket) -> Binding | None:
    rows = Binding.objects.filter(ticket=ticket).select_related("version__policy")
    return rows.order_by("at", "pk").last()


def _is_fragment(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))
