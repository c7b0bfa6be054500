"""The view at hand taken along as a CSV file: its filters, its order, the columns that are chosen."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import StringIO

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from tickets.access.roles import may_take_lists
from tickets.errors import ServiceRefused
from tickets.filters import Tab, TicketFilter, tab_for
from tickets.models import RANKS, TakenList
from tickets.searching.engine import TooLong
from tickets.searching.finding import TOO_LONG
from tickets.services import taking
from tickets.views import paging
from tickets.views.addresses import address, kept
from tickets.views.cells import cells_of, heads_of
from tickets.views.columns import Column, Telling
from tickets.views.queue import columns_for, view_in
from tickets.views.rows import OF_TAB, needed, telling_of
from tickets.views.sidebar import offered
from tickets.views.signed_in import reader

MOST, CHUNK = 50_000, 1_000
# Without it Excel reads UTF-8 as something else.
BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class View:
    """What is taken: the rows the reader may see, in the order and columns of the page."""

    tab: Tab
    order: paging.Order
    rows: paging.Rows
    columns: list[Column]
    narrowed: TicketFilter
    now: datetime


@login_required
@require_GET
def taken(request: HttpRequest) -> HttpResponseBase:
    user, now = reader(request), timezone.now()
    may_take_lists(user)
    saved = view_in(request, offered(user))
    tab = tab_for(request.GET.get("tab", ""), request.GET.get("status", ""))
    narrowed = TicketFilter(request.GET, tab.tickets(user), user=user, now=now)
    if narrowed.wrong():
        return _not_taken(request)  # the page says what is wrong with which filter
    order = paging.order_for(request.GET.get("sort", ""), tab.sort)
    columns = columns_for(user, saved)
    asked = needed(columns, order.column, *OF_TAB.get(tab.key, ()))
    view = View(tab, order, narrowed.found().values(*asked), columns, narrowed, now)
    try:
        deed = taking.begin(user=user, query=kept(request.GET), now=now)
    except ServiceRefused as refusal:
        messages.warning(request, refusal.message)
        return _not_taken(request)
    name = slugify(saved.name if saved else tab.label) or "list"
    return _sent(view, deed, f"tickets-{name}-{now:%Y-%m-%d}.csv")


def _not_taken(request: HttpRequest) -> HttpResponse:
    return redirect(address(request.GET))


def _sent(view: View, deed: TakenList, name: str) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(_lines(view, deed), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _lines(view: View, deed: TakenList) -> Iterator[str]:
    """The file, a chunk at a time: only one of them is ever in memory. A ticket that moves down the
    view meanwhile is not there twice."""
    given: set[int] = set()
    try:
        yield BOM + _written([heads_of(view.columns, view.tab.key)])
        place: paging.Place | None = None
        while len(given) < MOST:
            most = min(CHUNK, MOST - len(given))
            page = _read(view, place, most)
            fresh = [row for row in page if row["pk"] not in given]
            given.update(row["pk"] for row in fresh)
            yield _told(view, fresh)
            if len(page) < most:
                break
            place = _place(page[-1], view.order)
        else:
            if _read(view, place, 1):
                yield _written([[CUT]])
        if view.narrowed.is_cut:
            yield _written([[WORDS_CUT]])
    except TooLong:
        yield _written([[BROKEN_OFF]])
    finally:
        taking.end(taken=deed, rows=len(given), now=timezone.now())


CUT = (
    f"Cut here: a list has at most {MOST:,} tickets. Narrow the view by filters to take the others."
)


WORDS_CUT = (
    "Cut here: these words stand in too many places to look at all. Of the tickets that say them, "
    "those that said them last are here. Add a word or an operator, such as opened:30d."
)
BROKEN_OFF = f"Cut here, the rest could not be read. {TOO_LONG}"


def _read(view: View, place: paging.Place | None, most: int) -> list[paging.Row]:
    """The next rows, which take the database no longer than a page may. Raises TooLong."""
    with view.narrowed.asks_in_time():
        return paging.behind(view.order, view.rows, place, most)


def _told(view: View, page: list[paging.Row]) -> str:
    telling: Telling = telling_of(page, view.narrowed.listed, view.now, view.columns)
    rows = (cells_of(row, telling, view.columns, view.tab.key) for row in page)
    return _written(list(rows))


def _written(rows: list[list[str]]) -> str:
    out = StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def _place(row: paging.Row, order: paging.Order) -> paging.Place:
    return paging.Place(row[order.column], row["pk"], RANKS[row["priority"]])
