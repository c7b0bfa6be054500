"""The views on the left of the queue: names at once, numbers a moment later and again and again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.db.models import F
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tickets.filters import TABS, Count, Sight, TicketFilter, tab_for
from tickets.lifecycle import ACTIVE
from tickets.models import SavedView
from tickets.people.models import User
from tickets.querysets import TicketQuerySet
from tickets.views.addresses import of_view
from tickets.views.signed_in import reader

# So many saved views show a number; each of the others is a click away from its own.
MOST_COUNTED = 12


@dataclass(frozen=True, slots=True)
class Entry:
    """A view one can go to; ``count`` is not there where nobody counted."""

    key: str
    label: str
    address: str
    icon: str
    is_here: bool
    count: Count | None = None
    shared: str = ""


@dataclass(frozen=True, slots=True)
class Sidebar:
    tabs: list[Entry]
    saved: list[Entry]

    @property
    def here(self) -> Entry:
        entries = [*self.saved, *self.tabs]
        return next((each for each in entries if each.is_here), entries[0])


def offered(user: User) -> list[SavedView]:
    """The saved views that ``user`` has, with the team each is shared with."""
    views = SavedView.objects.offered_to(user)
    return list(views.annotate(team_name=F("team__name")))


@login_required
@require_safe
def counts(request: HttpRequest) -> HttpResponse:
    """The sidebar with its numbers; a page of its own address for htmx alone."""
    user, now = reader(request), timezone.now()
    views = offered(user)
    sight = Sight(user)
    numbers = sight.counts(_countable(views, sight, now))
    context = {"sidebar": sidebar(request.GET, views, numbers)}
    return render(request, "tickets/sidebar.html", context)


def sidebar(
    query: QueryDict, views: Sequence[SavedView], numbers: dict[str, Count] | None = None
) -> Sidebar:
    """Where one is, and where one can go."""
    counted = numbers or {}
    here = tab_for(query.get("tab", ""), query.get("status", "")).key
    at = query.get("view", "")
    is_saved = any(str(view.pk) == at for view in views)
    tabs = [
        Entry(
            tab.key, tab.label, f"?tab={tab.key}", tab.icon,
            not is_saved and tab.key == here, counted.get(tab.key),
        )
        for tab in TABS
    ]  # fmt: skip
    saved = [
        Entry(
            f"view-{view.pk}", view.name, of_view(view), "bookmark",
            str(view.pk) == at, counted.get(f"view-{view.pk}"), _shared(view),
        )
        for view in views
    ]  # fmt: skip
    return Sidebar(tabs, saved)


def _shared(view: SavedView) -> str:
    if view.sharing == SavedView.Sharing.OWN:
        return ""
    return getattr(view, "team_name", None) or "everybody"


def _countable(
    views: Sequence[SavedView], sight: Sight, now: datetime
) -> dict[str, TicketQuerySet]:
    """Of open tickets only, and without a search for words: what is done grows without end."""
    asked = [(view, QueryDict(view.query)) for view in views]
    active = [each for each in asked if _is_cheap(each[1])][:MOST_COUNTED]
    listed = TicketFilter.lists() if active else {}
    found = {}
    for view, query in active:
        base = sight.of(tab_for(query.get("tab", ""), query.get("status", "")))
        narrowed = TicketFilter(query, base, user=sight.user, now=now, listed=listed)
        found[f"view-{view.pk}"] = narrowed.found().order_by("next_due_at", "pk")
    return found


def _is_cheap(query: QueryDict) -> bool:
    tab = tab_for(query.get("tab", ""), query.get("status", ""))
    return not query.get("q") and (tab.key != "all" or query.get("status") in ACTIVE)
