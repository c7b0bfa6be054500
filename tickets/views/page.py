"""The ticket page: the conversation, the composer, the properties and the customer's context."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tickets import choices
from tickets.access import Action, may, ticket_for
from tickets.calls.models import Call
from tickets.forms import DeskForm, LinkForm, NoteForm, NotesForm, ProgressForm, ReplyForm
from tickets.lifecycle import Status
from tickets.models import Draft, Message, Ticket, TicketLink
from tickets.people.models import Contact, Tier, User
from tickets.services import drafting
from tickets.views import tools
from tickets.views.news import unread
from tickets.views.reasons import Kept, destination, joined, kept
from tickets.views.recent import remember
from tickets.views.signed_in import reader
from tickets.views.timeline import timeline
from tickets.views.ways import way_of
from tickets.words import Badge, clock_badge, shown

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
    if request.method == "GET" and not request.htmx:  # type: ignore[attr-defined]
        remember(request, found)
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
    standing: drafting.Standing | None = None,
    about: Message | None = None,
) -> HttpResponse:
    """The page; ``bound`` is a form that was refused, shown with its errors and its typed text.

    Or one of which a ``preview`` is shown, and whose words stand as ``standing`` says. ``about`` is the
    held reply that was not sent.
    """
    now, user = timezone.now(), reader(request)
    listed = _listed(ticket, user)
    drafts = drafting.of(ticket, user) if listed["drafts"] else {}
    if bound and bound.is_bound and bound.key in dict(Draft.KINDS):
        drafts[bound.key] = standing or _going_on(bound, drafts)
    before = tools.number(request.GET.get("before"))
    told = timeline(ticket, dict(listed["assignee"]), before=before)
    told_again = kept(bound) if bound and not _is_shown(bound, ticket) else []
    may_do = _may(user, ticket)
    context = {
        "ticket": ticket,
        "subject": shown(ticket.subject) or "(no subject)",
        "badge": _badge(ticket, now),
        "timeline": told,
        "unread": unread(told, bound, user) if bound else [],
        "may": may_do,
        "forms": tools.forms(
            ticket, bound, drafts, {"properties": {"listed": listed}}, request.GET.get("after", "")
        ),
        "drafts": drafts,
        "about": about,
        "refused": bound.key if bound and bound.is_bound else "",
        "opens": bound.key if bound else _half_written(drafts),
        "preview": preview,
        "problem": _problem(bound),
        "kept": told_again,
        "left_over": _left_over(ticket, user, may_do, told_again) if drafts else [],
        "destination": destination(ticket.merged_into, user) if ticket.merged_into else "",
        "now": now,
        "way": way_of(request, ticket.reference),
        "cookies_are_secure": settings.SESSION_COOKIE_SECURE,
        "strip_is_folded": request.COOKIES.get("strip") == "folded",
        "is_following": user.pk in dict(listed["followers"]),
        **_names(ticket, listed),
        "noted_by": _noted_by(ticket, listed),
        **{name: [said for _, said in listed[name]] for name in SHOWN},
        "contact": ticket.requester,
        "tier": next((name for _, name in listed["tier"]), ""),
        "links": _links(ticket, user) if listed["links"] else [],
        # Else the context processor's, which asks for the call.
        **({} if listed["calls"] else {"on_call": None}),
    }
    return render(request, "tickets/ticket.html", context, status=status)


def _half_written(drafts: dict[str, drafting.Standing]) -> str:
    """A note that was left half written is open again, unless a reply was."""
    words = {kind for kind, standing in drafts.items() if standing.has_words}
    return "note" if "note" in words and "reply" not in words else ""


def _badge(ticket: Ticket, now: datetime) -> Badge:
    return clock_badge(
        status=ticket.status, due_at=ticket.next_due_at, metric=ticket.next_due_metric,
        is_paused=ticket.is_paused, now=now,
    )  # fmt: skip


def _going_on(bound: DeskForm, drafts: dict[str, drafting.Standing]) -> drafting.Standing:
    """How a page stands that goes on with the words that were refused."""
    standing, said = drafts.get(bound.key, drafting.Standing()), tools.based_on(bound.data)
    if said["base"] is None:
        return standing
    body = bound.data.get("body", "").replace("\r\n", "\n")
    return drafting.seen_from(standing, body, said["base"], said["aside"])


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


def _left_over(ticket: Ticket, user: User, may_do: dict[str, bool], shown: Kept) -> Kept:
    """What the reader was writing of which the page has no form any more, by label, to be copied."""
    formless = set(dict(Draft.KINDS))
    if may_do["reply"] and ticket.status != Status.CLOSED:
        formless -= {ReplyForm.key, ProgressForm.key}
    if may_do["note"] and not ticket.merged_into_id:
        formless -= {NoteForm.key}
    if not formless:
        return []
    drafts = Draft.objects.filter(ticket=ticket, author=user, kind__in=formless)
    rows = drafts.exclude(body="").order_by("kind", "is_aside", "pk")
    there = {text for _, text in shown}
    return [(row.get_kind_display(), row.body) for row in rows if row.body.strip() not in there]


def _lists(ticket: int, contact: int, named: int, tier: int, user: int) -> choices.Lists:
    """Everything on the page that is a short list of names, or of what most tickets have none of: what
    is found there is asked for besides."""
    its, theirs = Ticket(pk=ticket), Contact(pk=contact)
    return choices.lists_of_the_desk() | {
        "followers": its.followers.all(),
        "tags": its.tags.all(),
        "products": theirs.products.all(),
        "named": User.objects.filter(pk=named),
        "tier": Tier.objects.filter(pk=tier),
        "participants": its.participants.all(),
        "links": _ends(its).annotate(name=F("kind")),
        "drafts": Draft.objects.filter(ticket=ticket, author=user).annotate(name=F("kind")),
        "calls": Call.objects.filter(agent=user).under_way().annotate(name=F("direction")),
    }


LISTS = choices.Composed(_lists, "ticket", "contact", "named", "tier", "user")


def _listed(ticket: Ticket, user: User) -> Listed:
    contact = ticket.requester
    if contact.organization_id == ticket.organization_id:
        contact.organization = ticket.organization  # read with the ticket
    return LISTS.read(
        ticket=ticket.pk,
        contact=contact.pk,
        named=contact.named_person_id or 0,
        tier=contact.effective_tier_id or 0,
        user=user.pk,
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


def _noted_by(ticket: Ticket, listed: Listed) -> dict[str, str]:
    """Who changed the notes last; one who has left is asked for besides."""
    contact, house = ticket.requester, ticket.requester.organization
    numbers = {"person": contact.notes_by_id, "company": house.notes_by_id if house else None}
    people = dict(listed["assignee"])
    people |= choices.names_of([pk for pk in numbers.values() if pk and pk not in people])
    return {which: people[pk] for which, pk in numbers.items() if pk}


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
