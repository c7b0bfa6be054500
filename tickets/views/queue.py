"""The queue: what breaks next, seen through a view, narrowed by filters, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import F, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from tickets import choices
from tickets.access import may_change_view, opens_tickets
from tickets.access.roles import takes_lists
from tickets.calls.models import Call
from tickets.filters import TicketFilter, lists_to_choose_from, tab_for
from tickets.forms import ViewForm
from tickets.models import BulkDeed, QueueColumns, SavedView, Ticket
from tickets.people.models import User
from tickets.searching import parsing
from tickets.searching.attempts import attempts
from tickets.searching.engine import TooLong
from tickets.services import bulk
from tickets.views import paging
from tickets.views.addresses import address, kept, of_view, walked
from tickets.views.bulk import undo_bar
from tickets.views.columns import COLUMNS, Column, chosen
from tickets.views.rows import OF_TAB, Listed, needed, rows_of
from tickets.views.sidebar import offered, sidebar
from tickets.views.signed_in import reader
from tickets.views.ways import addresses_in


@login_required
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The page, or only its rows where htmx asks for them."""
    now, user = timezone.now(), reader(request)
    listed = LISTS.read(user=user.pk)
    views = offered(user) if listed["views"] else []
    view = view_in(request, views)
    if view and "tab" not in request.GET:
        return redirect(of_view(view))
    columns = columns_for(user, view, has_own=bool(listed["columns"]))
    context = _table(request, user, columns, now, listed)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "tickets/queue.html#rows", context)
    opens = "filter" if context["filter"].form.errors else request.GET.get("form", "")
    context |= _around(request, user, view) | _form(request, user, opens, view, columns)
    context |= {"sidebar": sidebar(request.GET, views), "undo": undo_bar(request, now)}
    if not listed["calls"]:  # else the context processor's, which asks for the call
        context["on_call"] = None
    context["unfinished"] = bulk.unfinished(user, now) if listed["unfinished"] else None
    return render(request, "tickets/queue.html", context)


def _lists(user: int) -> choices.Lists:
    """What to choose from, and of whom most have none: what is found there is asked for besides."""
    person = User(pk=user)
    stopped = BulkDeed.objects.unfinished().filter(actor=person)
    return lists_to_choose_from() | {
        "views": SavedView.objects.offered_to(person),
        "columns": QueueColumns.objects.filter(user=person).annotate(name=Value("own")),
        "calls": Call.objects.of(person).under_way().annotate(name=F("direction")),
        "unfinished": stopped.annotate(name=Value("own")),
    }


LISTS = choices.Composed(_lists, "user")


@login_required
@require_safe
def form(request: HttpRequest, key: str) -> HttpResponse:
    """One of the forms around the queue, for htmx; most visits open none of them."""
    if key not in FORMS:
        raise Http404
    now, user = timezone.now(), reader(request)
    view = view_in(request, offered(user))
    tab = tab_for(request.GET.get("tab", ""), request.GET.get("status", ""))
    context = {
        "tab": tab,
        "filter": TicketFilter(request.GET, Ticket.objects.none(), user=user, now=now),
        "order": paging.order_for(request.GET.get("sort", ""), tab.sort),
    }
    context |= _around(request, user, view)
    context |= _form(request, user, key, view, columns_for(user, view))
    return render(request, f"tickets/narrowing/{key}.html", context)


FORMS = ("filter", "columns", "save")


def view_in(request: HttpRequest, views: list[SavedView]) -> SavedView | None:
    """The saved view one is in."""
    return next((each for each in views if str(each.pk) == request.GET.get("view")), None)


def _table(
    request: HttpRequest, user: User, columns: list[Column], now: datetime, listed: Listed
) -> dict[str, Any]:
    """The rows, and what stands where there are none."""
    query = request.GET
    tab = tab_for(query.get("tab", ""), query.get("status", ""))
    narrowed = TicketFilter(query, tab.tickets(user), user=user, now=now, listed=listed)
    order = paging.order_for(query.get("sort", ""), tab.sort)
    asked = needed(columns, order.column, *OF_TAB.get(tab.key, ()))
    page, following = _turned(narrowed, order, asked, query.get("after", ""))
    chips = list(narrowed.chips())
    return {
        "tab": tab,
        "filter": narrowed,
        "chips": chips,
        "narrowed_by": chips[1:] if narrowed.form.cleaned_data.get("q") else chips,
        "wrong": narrowed.wrong(),
        "attempts": [] if page else _attempts(narrowed),
        "everywhere": "" if tab.key == "all" else address(query, tab="all"),
        "order": order,
        "heads": [_head(request, each, order, tab.key) for each in columns],
        "rows": rows_of(page, narrowed.listed, now, columns, addresses_in(walked(query), order)),
        "next_page": f"{address(query)}&{urlencode({'after': following})}" if following else "",
        "first_page": address(query),
    }


def _turned(
    narrowed: TicketFilter, order: paging.Order, asked: list[str], after: str
) -> paging.Page:
    rows = narrowed.found().values(*asked)
    try:
        with narrowed.asks_in_time():
            return paging.turn(order, rows, after)
    except TooLong:
        narrowed.takes_too_long()
        return [], ""


def _attempts(narrowed: TicketFilter) -> list[tuple[str, str]]:
    """Other words to narrow the same view by."""
    said = parsing.read(narrowed.form.cleaned_data.get("q", ""))
    return [(each, address(narrowed.data, q=each)) for each in attempts(said)]


_DUE = {"held": "Reply leaves", "callbacks": "Call owed", "aside": "Comes back"}


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


def columns_for(user: User, view: SavedView | None, *, has_own: bool = True) -> list[Column]:
    """Those of the view, else those the reader chose, if any, else the usual ones."""
    own = view.columns if view else None
    if not own and has_own:
        own = QueueColumns.objects.filter(user=user).values_list("columns", flat=True).first()
    return chosen(own if isinstance(own, list) else [])


def _around(request: HttpRequest, user: User, view: SavedView | None) -> dict[str, Any]:
    """What stands around the table."""
    query = request.GET
    now_kept = kept(query)
    return {
        "opens_tickets": opens_tickets(user),
        "takes_lists": takes_lists(user),
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
