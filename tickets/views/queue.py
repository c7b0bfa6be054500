"""The queue: what breaks next, seen through a view, narrowed by filters, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from tickets.access import may_change_view, opens_tickets
from tickets.filters import TicketFilter, tab_for
from tickets.forms import ViewForm
from tickets.models import QueueColumns, SavedView, Ticket
from tickets.people.models import User
from tickets.views import paging
from tickets.views.addresses import address, kept, of_view, walked
from tickets.views.bulk import undo_bar
from tickets.views.columns import COLUMNS, Column, chosen
from tickets.views.rows import OF_TAB, needed, rows_of
from tickets.views.sidebar import offered, sidebar
from tickets.views.signed_in import reader
from tickets.views.ways import addresses_in


@login_required
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The page, or only its rows where htmx asks for them."""
    now, user = timezone.now(), reader(request)
    views = offered(user)
    view = _view(request, views)
    if view and "tab" not in request.GET:
        return redirect(of_view(view))
    columns = _columns(user, view)
    context = _table(request, user, columns, now)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "tickets/queue.html#rows", context)
    opens = "filter" if context["filter"].form.errors else request.GET.get("form", "")
    context |= _around(request, user, view) | _form(request, user, opens, view, columns)
    context |= {"sidebar": sidebar(request.GET, views), "undo": undo_bar(request, now)}
    return render(request, "tickets/queue.html", context)


@login_required
@require_safe
def form(request: HttpRequest, key: str) -> HttpResponse:
    """One of the forms around the queue, for htmx; most visits open none of them."""
    if key not in FORMS:
        raise Http404
    now, user = timezone.now(), reader(request)
    view = _view(request, offered(user))
    tab = tab_for(request.GET.get("tab", ""), request.GET.get("status", ""))
    context = {
        "tab": tab,
        "filter": TicketFilter(request.GET, Ticket.objects.none(), user=user, now=now),
        "order": paging.order_for(request.GET.get("sort", ""), tab.sort),
    }
    context |= _around(request, user, view)
    context |= _form(request, user, key, view, _columns(user, view))
    return render(request, f"tickets/narrowing/{key}.html", context)


FORMS = ("filter", "columns", "save")


def _view(request: HttpRequest, views: list[SavedView]) -> SavedView | None:
    """The saved view one is in."""
    return next((each for each in views if str(each.pk) == request.GET.get("view")), None)


def _table(
    request: HttpRequest, user: User, columns: list[Column], now: datetime
) -> dict[str, Any]:
    """The rows, and what stands where there are none."""
    query = request.GET
    tab = tab_for(query.get("tab", ""), query.get("status", ""))
    narrowed = TicketFilter(query, tab.tickets(user), user=user, now=now)
    order = paging.order_for(query.get("sort", ""), tab.sort)
    asked = needed(columns, order.column, *OF_TAB.get(tab.key, ()))
    page, following = paging.turn(order, narrowed.found().values(*asked), query.get("after", ""))
    chips = list(narrowed.chips())
    return {
        "tab": tab,
        "filter": narrowed,
        "chips": chips,
        "narrowed_by": chips[1:] if narrowed.form.cleaned_data.get("q") else chips,
        "wrong": narrowed.wrong(),
        "everywhere": "" if tab.key == "all" else address(query, tab="all"),
        "order": order,
        "heads": [_head(request, each, order, tab.key) for each in columns],
        "rows": rows_of(page, narrowed.listed, now, columns, addresses_in(walked(query), order)),
        "next_page": f"{address(query)}&{urlencode({'after': following})}" if following else "",
        "first_page": address(query),
    }


_DUE = {"held": "Reply leaves", "callbacks": "Call owed"}


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column; ``address`` sorts by it, ``turned`` says that it does already."""

    key: str
    label: str
    address: str = ""
    turned: str = ""


def _head(request: HttpRequest, column: Column, order: paging.Order, tab: str) -> Head:
    label = _DUE.get(tab, column.label) if column.key == "due" else column.label
    if column.sorts is None:
        return Head(column.key, label)
    first, second = column.sorts
    follows = second if order.key == first else first
    turned = ""
    if order.key in column.sorts:
        turned = "descending" if order.descending else "ascending"
    return Head(column.key, label, address(request.GET, sort=follows), turned)


def _columns(user: User, view: SavedView | None) -> list[Column]:
    """Those of the view, else those the reader chose, else the usual ones."""
    own = view.columns if view else None
    if not own:
        own = QueueColumns.objects.filter(user=user).values_list("columns", flat=True).first()
    return chosen(own if isinstance(own, list) else [])


def _around(request: HttpRequest, user: User, view: SavedView | None) -> dict[str, Any]:
    """What stands around the table."""
    query = request.GET
    now_kept = kept(query)
    return {
        "opens_tickets": opens_tickets(user),
        "view": view,
        "is_changed": view is not None and view.query != now_kept,
        "kept": now_kept,
        "orders": [(each, address(query, sort=each.key)) for each in paging.ORDERS.values()],
    }


def _form(
    request: HttpRequest, user: User, opens: str, view: SavedView | None, columns: list[Column]
) -> dict[str, Any]:
    """The form that is open, if any."""
    context: dict[str, Any] = {"opens": opens if opens in FORMS else ""}
    if opens in ("columns", "save"):
        shows = {column.key for column in columns}
        context["all_columns"] = [(each, each.key in shows) for each in COLUMNS.values()]
    if opens == "save":
        context |= {"view_form": ViewForm(user=user), "keeps": view and may_change_view(user, view)}
    return context
