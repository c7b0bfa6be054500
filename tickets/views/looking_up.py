"""Customers looked up by name, e-mail address, phone, company, order or reference."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from tickets.access.customers import company_for, may_keep_customers
from tickets.models import Ticket
from tickets.people.models import Contact, Organization, User
from tickets.searching.customers import SHORTEST, Place, clean, companies_called, found
from tickets.views import tools
from tickets.views.signed_in import reader

SIZE, COMPANIES = 50, 10


@dataclass(frozen=True, slots=True)
class Line:
    contact: Contact
    open: int


@login_required
@require_safe
def customers(request: HttpRequest) -> HttpResponse:
    """Whom the words mean; the people of one company; without either who came last."""
    user, query = reader(request), request.GET
    may_keep_customers(user)
    words = clean(query.get("q", ""))
    house = None if words else _house(user, query.get("company", ""))
    after = _place(query.get("after", ""))
    is_asked = len(words) >= SHORTEST
    is_short = bool(words) and not is_asked
    places = [] if is_short else _places(words, house, user, after)
    page = places[:SIZE]
    kept = {key: query[key] for key in ("q", "company") if query.get(key)}
    following = urlencode(kept | {"after": _cursor(page[-1])}) if len(places) > SIZE else ""
    context = {
        "words": words,
        "house": house,
        "is_asked": is_asked or house is not None,
        "is_short": is_short,
        "lines": _lines(page, user),
        "companies": companies_called(words)[:COMPANIES] if is_asked and not after else [],
        "next_page": f"{reverse('customers')}?{following}" if following else "",
        "first_page": f"{reverse('customers')}?{urlencode(kept)}" if after else "",
    }
    return render(request, "tickets/customer/found.html", context)


def _house(user: User, number: str) -> Organization | None:
    pk = tools.number(number)
    return company_for(user, pk) if pk is not None else None


def _places(words: str, house: Organization | None, user: User, after: Place | None) -> list[Place]:
    """Names and numbers, one more than a page has."""
    if words:
        return found(words, user, SIZE + 1, after)
    if house is None:
        newest = Contact.objects.order_by("-pk").values_list("name", "pk")
        return list(newest[:SIZE])
    people = house.contacts.order_by("name", "pk")
    if after:
        people = people.filter(name__gte=after[0]).exclude(name=after[0], pk__lte=after[1])
    return list(people.values_list("name", "pk")[: SIZE + 1])


def _lines(places: list[Place], user: User) -> list[Line]:
    """With how many open tickets of theirs the reader sees; two queries."""
    numbers = [pk for _, pk in places]
    whole = Contact.objects.select_related("organization__tier", "tier").in_bulk(numbers)
    theirs = Ticket.objects.reachable_by(user).active().filter(requester__in=numbers)
    rows = theirs.order_by().values_list("requester").annotate(number=Count("pk"))
    counts: dict[int, int] = dict(rows)
    return [Line(whole[pk], counts.get(pk, 0)) for pk in numbers if pk in whole]


def _cursor(place: Place) -> str:
    name, pk = place
    return f"{pk}~{name}"


def _place(text: str) -> Place | None:
    """Where a page ended; anything else means the first page."""
    number, tilde, name = text.replace("\x00", "")[:200].partition("~")
    pk = tools.number(number)
    return (name, pk) if tilde and pk is not None else None
