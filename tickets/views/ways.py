"""Out of which view of the queue somebody came to a ticket, and where in it they stand.

The address says both, so each tab goes through a view of its own, with JavaScript or without.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from tickets.filters import tab_for
from tickets.views import paging
from tickets.views.addresses import back, walked

LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Way:
    """``view`` is the query of the queue, ``place`` where the ticket stood in it (a cursor)."""

    view: str
    place: str = ""

    @property
    def query(self) -> QueryDict:
        return QueryDict(self.view)

    @property
    def said(self) -> str:
        """The way as part of an address."""
        return urlencode({"from": self.view, "at": self.place})

    @property
    def back(self) -> str:
        """The view, as it was left."""
        return back(self.view)

    @property
    def label(self) -> str:
        query = self.query
        return tab_for(query.get("tab", ""), query.get("status", "")).label


def way_of(request: HttpRequest, reference: str) -> Way | None:
    """How somebody came to this ticket: by the address, by the form that was sent, or by the
    ticket's own page from which it was sent; None where not out of the queue."""
    for given in (request.GET, request.POST, _sent_from(request, reference)):
        if view := given.get("from", ""):
            return Way(walked(QueryDict(view[:LONGEST])), given.get("at", "")[:100])
    return None


def ticket_address(request: HttpRequest, reference: str, **query: str | int) -> str:
    """The ticket's page, still on the way by which somebody came to it."""
    way = way_of(request, reference)
    said: dict[str, str | int] = query | ({"from": way.view, "at": way.place} if way else {})
    address = reverse("ticket", args=[reference])
    return f"{address}?{urlencode(said)}" if said else address


def addresses_in(view: str, order: paging.Order) -> Callable[[paging.Row], str]:
    """The address of each ticket of a view, and where in it the ticket stands."""
    path, rest = reverse("ticket", args=["REFERENCE"]).split("REFERENCE")
    rest = f"{rest}?{urlencode({'from': view})}&at="
    return lambda row: f"{path}{row['reference']}{rest}{paging.cursor(row, order)}"


def _sent_from(request: HttpRequest, reference: str) -> Mapping[str, str]:
    """Most forms and links of a page say no way of their own; the page's address does."""
    page = urlsplit(request.headers.get("Referer", "")[: 2 * LONGEST])
    is_its_own = page.path.startswith(reverse("ticket", args=[reference]))
    return QueryDict(page.query).dict() if is_its_own else {}
