"""The search page: what was understood, what was found, and how much of it was looked at."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from tickets.access.customers import keeps_customers
from tickets.models import Ticket
from tickets.references import normalise
from tickets.searching import engine, parsing
from tickets.searching.attempts import attempts
from tickets.searching.finding import POOL, Found, find
from tickets.searching.lines import place_of
from tickets.searching.parsing import Clause, Part
from tickets.searching.vocabulary import FORMS, OPERATORS
from tickets.views.found import results_of
from tickets.views.recent import opened_last
from tickets.views.signed_in import reader

SIZE, LINES = 20, POOL
# The operators whose value is a customer.
NAMING = {"from"}


@login_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """A reference goes to its ticket; anything else is looked for."""
    text, user, now = parsing.clean(request.GET.get("q", "")), reader(request), timezone.now()
    if address := _named(request, text):
        return redirect(address)
    before = place_of(request.GET.get("before", ""))
    found = find(text=text, user=user, now=now, before=before, most=LINES)
    page = _page(request.GET.get("page", ""), found)
    first = (page - 1) * SIZE
    sought = found.wanted.sought
    context = {
        "now": now,
        "text": text,
        "most": parsing.MOST_TEXT if parsing.is_too_long(request.GET.get("q", "")) else 0,
        "found": found,
        "chips": [
            (_said(part), _address(q=found.wanted.without(part))) for part in found.wanted.parts
        ],
        "results": results_of(found.hits[first : first + SIZE], sought, now),
        "first": first + 1,
        "previous": _address(request, page=page - 1) if page > 1 else "",
        "following": _address(request, page=page + 1) if len(found.hits) > first + SIZE else "",
        "further_back": _address(q=text, before=found.older) if found.is_cut else "",
        "newest": _address(q=text) if request.GET.get("before") else "",
        "attempts": []
        if found.hits or found.problems
        else [(each, _address(q=each)) for each in attempts(found.wanted)],
        "recent": [] if text else opened_last(request, now),
        "note": engine.note() if sought else "",
        "looks_up": _looked_up(found) if keeps_customers(user) else None,
        "forms": FORMS,
        "operators": [(f"{name}:", each) for name, each in OPERATORS.items()],
    }
    return render(request, "tickets/search.html", context)


def _named(request: HttpRequest, text: str) -> str:
    """The address of the ticket whose reference ``text`` is, where the reader may see it."""
    reference = normalise(text)
    visible = Ticket.objects.reachable_by(reader(request))
    if reference and visible.filter(reference=reference).exists():
        return reverse("ticket", args=[reference])
    return ""


def _page(asked: str, found: Found) -> int:
    """Within what there is; anything that is no number means the first."""
    last = max(1, -(-len(found.hits) // SIZE))
    return (
        min(max(1, int(asked)), last)
        if asked.isascii() and asked.isdigit() and len(asked) < 5
        else 1
    )


def _address(request: HttpRequest | None = None, **changes: str | int) -> str:
    """The search's address; a request's own words and place are kept."""
    query: dict[str, str | int] = {}
    if request:
        query |= {name: request.GET[name] for name in ("q", "before") if name in request.GET}
    return f"{reverse('search')}?{urlencode(query | changes)}"


def _said(part: Part) -> tuple[str, str]:
    """What a chip says: what is asked, and the value."""
    meant, is_out = part.meant, part.meant.is_left_out
    if isinstance(meant, Clause):
        return f"{'not ' * is_out}{meant.name}:", ", ".join(meant.values)
    if meant.is_beginning:
        return f"{'without ' * is_out}begins with", meant.text
    kind = "phrase" if meant.is_phrase else "word"
    return f"{'without the ' * is_out}{kind}", meant.text


def _looked_up(found: Found) -> dict[str, str]:
    """What to look customers up by: the words of the search, and whom an operator named."""
    parts = [part for part in found.wanted.parts if not part.meant.is_left_out]
    said = [
        " ".join(part.meant.values) if isinstance(part.meant, Clause) else part.meant.text
        for part in parts
        if not isinstance(part.meant, Clause) or part.meant.name in NAMING
    ]
    return {"words": " ".join(said)[:100]}
