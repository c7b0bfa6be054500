"""The ticket page: the conversation, the composer, the properties and the customer's context."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tickets import choices
from tickets.access import Action, may, ticket_for
from tickets.forms import DeskForm, LinkForm, NoteForm, NotesForm
from tickets.lifecycle import Status
from tickets.models import Ticket, TicketLink
from tickets.people.models import Tier, User
from tickets.services import drafting
from tickets.views import tools
from tickets.views.news import unread
from tickets.views.reasons import destination, joined, kept
from tickets.views.signed_in import reader
from tickets.views.timeline import timeline
from tickets.views.ways import way_of
from tickets.words import clock_badge, shown

LINKS = 20
SHOWN = ("followers", "tags", "products", "named", "participants")
Listed = dict[str, choices.Choices]


@login_required
@require_safe
def ticket(request: HttpRequest, ref: str) -> HttpResponse:
    # Names of teams and people come with the lists to choose from.
    found = ticket_for(reader(request), ref, related=("requester", "organization"))
    if ref != found.reference:
        return redirect("ticket", found.reference)
    asked = tools.asked(request, found)
    if request.htmx and asked:  # type: ignore[attr-defined]
        return tools.alone(request, found, asked)
    if request.htmx and "before" in request.GET:  # type: ignore[attr-defined]
        return _earlier(request, found)
    return ticket_page(request, found, asked or tools.recalled(request, found))


def _earlier(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Only the messages before the oldest shown, to be put above it."""
    before = tools.number(request.GET.get("before"))
    context = {
        "ticket": ticket,
        "timeline": timeline(ticket, dict(choices.staff()), before=before),
        "may": _may(reader(request), ticket),
        "now": timezone.now(),
        "fresh": True,  # whoever asked for them goes on reading there
    }
    return render(request, "tickets/entries.html", context)


def ticket_page(
    request: HttpRequest,
    ticket: Ticket,
    bound: DeskForm | None = None,
    *,
    status: int = 200,
    preview: dict[str, object] | None = None,
) -> HttpResponse:
    """The page; ``bound`` is a form that was refused, shown with its errors and its typed text.

    Or one of which a ``preview`` is shown.
    """
    now, user = timezone.now(), reader(request)
    listed, drafts = _listed(ticket), drafting.of(ticket, user)
    before = tools.number(request.GET.get("before"))
    told = timeline(ticket, dict(listed["assignee"]), before=before)
    context = {
        "ticket": ticket,
        "subject": shown(ticket.subject) or "(no subject)",
        "badge": clock_badge(
            status=ticket.status,
            due_at=ticket.next_due_at,
            metric=ticket.next_due_metric,
            is_paused=ticket.is_paused,
            now=now,
        ),
        "timeline": told,
        "unread": unread(told, bound, user) if bound else [],
        "may": _may(user, ticket),
        "forms": tools.forms(
            ticket, bound, drafts, {"properties": {"listed": listed}}, request.GET.get("after", "")
        ),
        "drafts": drafts,
        "refused": bound.key if bound and bound.is_bound else "",
        "opens": bound.key if bound else "",
        "preview": preview,
        "problem": _problem(bound),
        "kept": kept(bound) if bound and not _is_shown(bound, ticket) else [],
        "destination": destination(ticket.merged_into, user) if ticket.merged_into else "",
        "now": now,
        "way": way_of(request, ticket.reference),
        "strip_is_folded": request.COOKIES.get("strip") == "folded",
        "is_following": user.pk in dict(listed["followers"]),
        **_names(ticket, listed),
        **{name: [said for _, said in listed[name]] for name in SHOWN},
        "contact": ticket.requester,
        "tier": next((name for _, name in listed["tier"]), ""),
        "links": _links(ticket, user) if listed["links"] else [],
    }
    return render(request, "tickets/ticket.html", context, status=status)


def _may(user: User, ticket: Ticket) -> dict[str, bool]:
    asked = (Action.REPLY, Action.NOTE, Action.TRIAGE, Action.CALL)
    return {action.name.lower(): may(user, action, ticket) for action in asked}


def _problem(bound: DeskForm | None) -> str:
    """Why a form was refused, for the head of the page; the fields say it again in place."""
    if bound is None or not bound.is_bound:
        return ""
    return joined(error for errors in bound.errors.values() for error in errors)


def _is_shown(bound: DeskForm, ticket: Ticket) -> bool:
    """Whether the page still has the form, and so what was typed into it."""
    if ticket.status != Status.CLOSED:
        return True
    return bound.key in (LinkForm.key, NotesForm.key) or (
        bound.key == NoteForm.key and not ticket.merged_into_id
    )


def _listed(ticket: Ticket) -> Listed:
    """Everything on the page that is a short list of names."""
    contact = ticket.requester
    if contact.organization_id == ticket.organization_id:
        contact.organization = ticket.organization  # read with the ticket
    return choices.of_the_desk(
        followers=ticket.followers.all(),
        tags=ticket.tags.all(),
        products=contact.products.all(),
        named=User.objects.filter(pk=contact.named_person_id or 0),
        tier=Tier.objects.filter(pk=contact.effective_tier_id or 0),
        participants=ticket.participants.all(),
        links=_ends(ticket).annotate(name=F("kind")),  # most tickets have none
    )


def _names(ticket: Ticket, listed: Listed) -> dict[str, str]:
    assigned = {ticket.assignee_id} - {None}
    people = dict(choices.with_absences(listed["assignee"], listed["out"]))
    people |= choices.names_of([pk for pk in assigned if pk and pk not in people])
    return {
        "team": dict(listed["team"])[ticket.team_id],
        "category": dict(listed["category"])[ticket.category_id],
        "assignee": people[ticket.assignee_id] if ticket.assignee_id else "",
    }


def _ends(ticket: Ticket) -> QuerySet[TicketLink]:
    return TicketLink.objects.filter(Q(ticket=ticket) | Q(other=ticket))


def _links(ticket: Ticket, user: User) -> list[tuple[str, Ticket]]:
    """How other tickets that the reader may see belong to this one, read from this one's end."""
    seen = Ticket.objects.reachable_by(user).order_by().values("pk")
    links = _ends(ticket).filter(
        Q(ticket=ticket, other__in=seen) | Q(other=ticket, ticket__in=seen)
    )
    rows = links.select_related("ticket", "other").order_by("-pk")[:LINKS]
    return [each.seen_from(ticket) for each in rows]
