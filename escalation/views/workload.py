"""Who has how much, and sharing it out: chosen, looked at, done, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from escalation.workload import day_end, is_crowd, of_teams
from tickets.choices import out_of_office
from tickets.leading import led_by, require_lead
from tickets.models import Ticket
from tickets.people.models import User
from tickets.querysets import TicketQuerySet
from tickets.references import normalise
from tickets.routing import sharing
from tickets.routing.sharing import Given, Shared
from tickets.views.signed_in import reader, writes
from tickets.words import clock_badge, shown

DONE = "shared_out"  # in the session: what can be taken back
UNDOABLE = timedelta(hours=1)


@login_required
@require_safe
def workload(request: HttpRequest) -> HttpResponse:
    """The page, or only its numbers where htmx asks for them."""
    user, now = reader(request), timezone.now()
    require_lead(user)
    teams = led_by(user)
    names = [(team.pk, shown(team.name)) for team in teams]
    chosen = _number(request.GET.get("team"))
    if chosen is None and is_crowd(teams):
        chosen = names[0][0]
    if chosen is not None:
        teams = teams.filter(pk=chosen)
    context = {
        "teams": of_teams(teams, now=now, day_ends=day_end(now)),
        "names": names,
        "chosen": chosen,
        "undoable": len(_undoable(request, now)),
        "now": now,
    }
    part = bool(getattr(request, "htmx", False))
    name = "escalation/workload.html"
    return render(request, f"{name}#numbers" if part else name, context)


@writes
@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest) -> HttpResponse:
    """GET: the tickets to choose from. POST: who would get what, and then doing exactly that."""
    user, now = reader(request), timezone.now()
    require_lead(user)
    if request.method != "POST":
        return _choosing(request, user, request.GET, now)
    if request.POST.get("step") == "do":
        return _do(request, user, now)
    return _preview(request, user, now)


@login_required
@require_POST
def take_back(request: HttpRequest) -> HttpResponse:
    user, now = reader(request), timezone.now()
    done = _undoable(request, now)
    request.session.pop(DONE, None)
    outcome = sharing.take_back(done=done, actor=user, now=now)
    count = len(outcome.done)
    if count:
        messages.success(request, f"{_tickets(count)} back where they were.")
    _say_refused(request, outcome)
    if not done:
        messages.info(request, "There is nothing to take back any more.")
    return redirect("workload")


def _choosing(request: HttpRequest, user: User, query: QueryDict, now: datetime) -> HttpResponse:
    tickets, whose, has_more = _wanted(user, query)
    context = {
        "rows": [(ticket, _badge(ticket, now)) for ticket in tickets],
        "whose": whose,
        "has_more": has_more,
        "ways": sharing.ways(),
        "people": _people(tickets),
        "query": query.urlencode()[:2000],
    }
    return render(request, "escalation/share.html", context)


def _preview(request: HttpRequest, user: User, now: datetime) -> HttpResponse:
    tickets = _chosen(user, request.POST.getlist("ticket"))
    way = request.POST.get("way", "")
    if not tickets or way not in dict(sharing.ways()):
        messages.warning(request, "Choose at least one ticket, and a way to share them out.")
        return _choosing(request, user, QueryDict(request.POST.get("query", "")[:2000]), now)
    to = User.objects.filter(is_active=True, pk=_number(request.POST.get("to")) or 0).first()
    moves = sharing.plan(tickets, way=way, now=now, to=to)
    context = {
        "moves": [(move, _badge(move.ticket, now)) for move in moves],
        "count": sum(move.choice.person is not None for move in moves),
        "way": way,
        "query": request.POST.get("query", "")[:2000],
    }
    return render(request, "escalation/share_preview.html", context)


def _do(request: HttpRequest, user: User, now: datetime) -> HttpResponse:
    moves = [each for each in map(_given, request.POST.getlist("move")) if each is not None]
    outcome = sharing.share(moves=moves, way=request.POST.get("way", ""), actor=user, now=now)
    if outcome.done:
        request.session[DONE] = {"at": now.isoformat(), "moves": outcome.done}
        messages.success(request, f"{_tickets(len(outcome.done))} shared out.")
    _say_refused(request, outcome)
    if not moves:
        messages.info(request, "Nothing was shared out.")
    return redirect("workload")


def _wanted(user: User, query: QueryDict) -> tuple[list[Ticket], str, bool]:
    """What was asked for: somebody's open tickets, or what nobody of a team has."""
    ours = Ticket.objects.active().filter(team__in=list(led_by(user).values_list("pk", flat=True)))
    if (number := _number(query.get("person"))) is not None:
        person = User.objects.filter(pk=number).first()
        if person is None:
            raise Http404
        found, whose = ours.filter(assignee=person), f"of {shown(person.name)}"
    elif (number := _number(query.get("team"))) is not None:
        team = led_by(user).filter(pk=number).first()
        if team is None:
            raise Http404
        found, whose = ours.filter(team=team, assignee=None), f"of {shown(team.name)}, unassigned"
    else:
        references = [normalise(each) or "" for each in query.getlist("ticket")[: sharing.MOST]]
        found, whose = ours.filter(reference__in=references), "chosen in the queue"
    rows = _in_order(found)[: sharing.MOST + 1]
    return list(rows[: sharing.MOST]), whose, len(rows) > sharing.MOST


def _chosen(user: User, references: Sequence[str]) -> list[Ticket]:
    ours = Ticket.objects.active().filter(team__in=list(led_by(user).values_list("pk", flat=True)))
    found = ours.filter(reference__in=list(references)[: sharing.MOST])
    return list(_in_order(found))


def _in_order(tickets: TicketQuerySet) -> TicketQuerySet:
    """Late ones first, whatever has no deadline last; by themselves the databases disagree."""
    return tickets.for_queue().order_by(F("next_due_at").asc(nulls_last=True), "pk")


def _people(tickets: Sequence[Ticket]) -> list[tuple[int, str]]:
    """Who may have at least one of them by name: the members of their teams."""
    teams = {ticket.team_id for ticket in tickets}
    here = User.objects.filter(is_active=True, memberships__team__in=teams).distinct()
    named = [(each.pk, shown(each.name)) for each in here.order_by("first_name", "username")]
    return out_of_office(named)


def _badge(ticket: Ticket, now: datetime) -> Any:
    return clock_badge(
        status=ticket.status, due_at=ticket.next_due_at, metric=ticket.next_due_metric,
        is_paused=ticket.is_paused, now=now,
    )  # fmt: skip


def _given(text: str) -> Given | None:
    """«HD-7K3M9Q 3 12»: the ticket, the version shown, and who is to have it."""
    reference, version, person = [*text.split(" "), "", "", ""][:3]
    number, known = _number(person), _number(version)
    return Given(reference[:20], known, number) if number is not None else None


def _undoable(request: HttpRequest, now: datetime) -> list[tuple[int, int | None, int]]:
    kept = request.session.get(DONE)
    if not kept or now - datetime.fromisoformat(kept["at"]) > UNDOABLE:
        return []
    return [(ticket, before, after) for ticket, before, after in kept["moves"]]


def _say_refused(request: HttpRequest, outcome: Shared) -> None:
    if outcome.refused:
        told = "; ".join(f"{reference}: {why}" for reference, why in outcome.refused[:10])
        messages.warning(request, f"{_tickets(len(outcome.refused))} left as they were. {told}")


def _tickets(count: int) -> str:
    return f"{count} ticket{' is' if count == 1 else 's are'}"


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
