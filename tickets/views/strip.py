"""The queue beside a ticket: its neighbours in the view out of which it was opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from tickets.access import ticket_for
from tickets.filters import TicketFilter, tab_for
from tickets.models import RANKS, Ticket
from tickets.people.models import User
from tickets.searching.engine import TooLong
from tickets.views import paging
from tickets.views.columns import COLUMNS, badge, waiting
from tickets.views.rows import OF_TAB, customer_of, needed, subject_of
from tickets.views.sidebar import offered
from tickets.views.signed_in import reader
from tickets.views.ways import Way, addresses_in, way_of

BEFORE, AFTER = 5, 30


@dataclass(frozen=True, slots=True)
class Stop:
    """One ticket of the strip."""

    reference: str
    address: str
    subject: str
    customer: str
    badge: SafeString
    leaves: SafeString
    is_here: bool = False


@login_required
@require_safe
def strip(request: HttpRequest, ref: str) -> HttpResponse:
    """A few tickets before this one and more behind it; a page where htmx does not ask."""
    user, now = reader(request), timezone.now()
    ticket = ticket_for(user, ref, related=("requester",))
    way = way_of(request, ticket.reference) or Way("")
    view = View(user, way, ticket, now)
    before, after = view.before(BEFORE + 1), view.behind(AFTER + 1)
    stops = [*map(view.stop, before[-BEFORE:]), view.here(), *map(view.stop, after[:AFTER])]
    context = {
        "ticket": ticket,
        "way": way,
        "name": _name(way, user),
        "stops": stops,
        "more_before": len(before) > BEFORE,
        "more_behind": len(after) > AFTER,
    }
    part = bool(getattr(request, "htmx", False))
    return render(request, f"tickets/strip.html{'#stops' if part else ''}", context)


@login_required
@require_safe
def following(request: HttpRequest, ref: str) -> HttpResponse:
    """Leads to the ticket behind this one, or back to the view where there is none."""
    return _go(request, ref, is_forth=True)


@login_required
@require_safe
def previous(request: HttpRequest, ref: str) -> HttpResponse:
    """Leads to the ticket before this one, or back to the view where there is none."""
    return _go(request, ref, is_forth=False)


def _go(request: HttpRequest, ref: str, *, is_forth: bool) -> HttpResponse:
    user = reader(request)
    ticket = ticket_for(user, ref, related=())
    way = way_of(request, ticket.reference) or Way("")
    view = View(user, way, ticket, timezone.now())
    found = view.behind(1) if is_forth else view.before(1)
    if found:
        return redirect(view.address(found[0]))
    end = "last" if is_forth else "first"
    messages.info(request, f"{ticket.reference} was the {end} ticket of this view.")
    return redirect(way.back)


class View:
    """The view as it is now, seen from where the ticket stood when one went to it: what changed
    since, the ticket itself first of all, leaves nobody out and nobody in twice."""

    def __init__(self, user: User, way: Way, ticket: Ticket, now: datetime) -> None:
        query = way.query
        tab = tab_for(query.get("tab", ""), query.get("status", ""))
        narrowed = TicketFilter(query, tab.tickets(user), user=user, now=now)
        self.way, self.ticket, self.now = way, ticket, now
        self.order = paging.order_for(query.get("sort", ""), tab.sort)
        asked = needed([COLUMNS["due"]], self.order.column, *OF_TAB.get(tab.key, ()))
        self.narrowed = narrowed
        self.rows: paging.Rows = narrowed.found().exclude(pk=ticket.pk).values(*asked)
        self.place = paging.place(way.place, self.order) or self._own_place()
        self.address = addresses_in(way.view, self.order)

    def before(self, most: int) -> list[paging.Row]:
        return self._read(paging.before, most)

    def behind(self, most: int) -> list[paging.Row]:
        return self._read(paging.behind, most)

    def _read(self, read: Callable[..., list[paging.Row]], most: int) -> list[paging.Row]:
        """None where it takes too long, which the view itself says."""
        try:
            with self.narrowed.asks_in_time():
                return read(self.order, self.rows, self.place, most)
        except TooLong:
            return []

    def stop(self, row: paging.Row) -> Stop:
        return Stop(
            reference=row["reference"],
            address=self.address(row),
            subject=subject_of(row),
            customer=customer_of(row),
            badge=SafeString(badge(row, self.now)),
            leaves=SafeString(waiting(row, self.now)),
        )

    def here(self) -> Stop:
        """The ticket that is open, whether the view still has it or not."""
        ticket = self.ticket
        known = ("status", "next_due_at", "next_due_metric", "is_paused", "comes_back_at",
                 "waiting_kind", "waiting_until")  # fmt: skip
        row = {name: getattr(ticket, name) for name in known}
        return Stop(
            reference=ticket.reference,
            address="",
            subject=subject_of({"subject": ticket.subject}),
            customer=ticket.requester.display_name,
            badge=SafeString(badge(row, self.now)),
            leaves=SafeString(waiting(row, self.now)),
            is_here=True,
        )

    def _own_place(self) -> paging.Place | None:
        """Where the ticket stands by what it is now; in no place by what only the view knows."""
        if not hasattr(self.ticket, self.order.column):
            return None
        at = getattr(self.ticket, self.order.column)
        return paging.Place(at, self.ticket.pk, RANKS[self.ticket.priority])


def _name(way: Way, user: User) -> str:
    """The saved view's name, or the tab's."""
    pk = way.query.get("view", "")
    views = offered(user) if pk else []
    return next((each.name for each in views if str(each.pk) == pk), way.label)
