"""What happened on a ticket while somebody had it open: the bar above the composer, and what was said
since they began to write."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tickets.access import ticket_for
from tickets.forms import DeskForm
from tickets.models import Message, Ticket, TicketEvent
from tickets.people.models import User
from tickets.views.signed_in import reader
from tickets.views.telling import SAID_BY_MESSAGES, sentence
from tickets.views.timeline import Said, Timeline
from tickets.words import shown

MOST = 4
# An event is recorded at the instant at which its transaction began.
LONGEST_TRANSACTION = timedelta(seconds=30)
# What the line of a message or of the change itself says already.
_NOT_NEWS = [*SAID_BY_MESSAGES, TicketEvent.Kind.POLICY_BOUND]
_WROTE = {
    Message.Kind.CUSTOMER: "wrote",
    Message.Kind.REPLY: "wrote a reply",
    Message.Kind.NOTE: "added a note",
    Message.Kind.PROGRESS: "wrote a progress line",
}


@never_cache
@login_required
@require_safe
def news(request: HttpRequest, ref: str) -> HttpResponse:
    """What came after the newest message and event that the page shows; nothing where nothing did."""
    user = reader(request)
    ticket = ticket_for(user, ref, related=())
    message, event, since = (_number(request, name) for name in ("message", "event", "since"))
    lines = [*_said(ticket, message, user), *_happened(ticket, event, since, user)]
    context = {"ticket": ticket, "lines": lines[:MOST], "more": len(lines) > MOST}
    return render(request, "tickets/news.html", context)


def unread(told: Timeline, bound: DeskForm, writer: User) -> list[Said]:
    """What others said after the newest message that a refused form's writer had seen."""
    seen = str(bound.data.get("seen", "")) if bound.is_bound else ""
    if not (seen.isascii() and seen.isdigit()):
        return []
    messages = [entry for entry in told.entries if isinstance(entry, Said)]
    return [
        entry
        for entry in messages
        if entry.message.pk > int(seen[:20])
        and entry.message.author_id != writer.pk
        and entry.message.kind != Message.Kind.AUTOMATIC
        and entry.state != "recalled"
    ]


def _said(ticket: Ticket, after: int, user: User) -> Iterator[str]:
    messages = ticket.messages.filter(pk__gt=after, kind__in=_WROTE)
    for each in messages.select_related("author", "contact").order_by("pk")[: MOST + 1]:
        by = each.author or each.contact
        yield f"{_name(by, user)} {_WROTE[Message.Kind(each.kind)]}"


def _happened(ticket: Ticket, after: int, since: int, user: User) -> Iterator[str]:
    for each in _events(ticket, after, since).select_related("actor").order_by("pk")[: MOST + 1]:
        yield sentence(each, _name(each.actor, user) if each.actor else "")


def _events(ticket: Ticket, after: int, since: int) -> QuerySet[TicketEvent]:
    told = ticket.events.filter(pk__gt=after).exclude(kind__in=_NOT_NEWS)
    try:
        begun = datetime.fromtimestamp(since / 1000, UTC) - LONGEST_TRANSACTION
    except (OverflowError, ValueError, OSError):
        begun = timezone.now()
    return told.filter(recorded_at__gte=begun)


def _name(by: object, user: User) -> str:
    if by == user:
        return "You"
    name = getattr(by, "name", "") or getattr(by, "display_name", "") or "The customer"
    return shown(name)


def _number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
