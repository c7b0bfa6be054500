"""The tickets that somebody opened last, to be found again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from tickets.models import Ticket
from tickets.views.columns import badge
from tickets.views.rows import customer_of, subject_of
from tickets.views.signed_in import reader

MOST = 10
_KEY = "recent"
_ASKED = (
    "pk", "reference", "subject", "status", "next_due_at", "next_due_metric", "is_paused",
    "requester__name", "requester__email", "requester__phone",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    reference: str
    subject: str
    customer: str
    badge: SafeString


def remember(request: HttpRequest, ticket: Ticket) -> None:
    """Puts the ticket first. In the session, which is read anyway, and which is written only where
    the order of the last ten becomes another: not when a ticket is opened again and again."""
    before = _numbers(request)
    if before[:1] != [ticket.pk]:
        others = [each for each in before if each != ticket.pk]
        request.session[_KEY] = [ticket.pk, *others][:MOST]


def opened_last(request: HttpRequest, now: datetime) -> list[Seen]:
    """The last first; of those that the reader sees still, as they are now. One query."""
    numbers = _numbers(request)
    if not numbers:
        return []
    rows = Ticket.objects.reachable_by(reader(request)).filter(pk__in=numbers).values(*_ASKED)
    found = {row["pk"]: row for row in rows.order_by()}
    return [
        Seen(
            reference=row["reference"],
            subject=subject_of(row),
            customer=customer_of(row),
            badge=SafeString(badge(row, now)),
        )
        for row in (found[pk] for pk in numbers if pk in found)
    ]


@login_required
@require_safe
def recent(request: HttpRequest) -> HttpResponse:
    """A page; only the links, for the menu and the commands, where htmx asks."""
    context = {"recent": opened_last(request, timezone.now())}
    part = "#links" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, f"tickets/recent.html{part}", context)


def _numbers(request: HttpRequest) -> list[int]:
    return list(request.session.get(_KEY, []))
