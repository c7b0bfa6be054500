"""The queue: what breaks next, narrowed by tab and filters, a page at a time; and the search."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from tickets.access import opens_tickets
from tickets.filters import TABS, TicketFilter, tab_for
from tickets.models import Ticket
from tickets.references import normalise
from tickets.views import paging
from tickets.views.rows import COLUMNS, rows_of
from tickets.views.signed_in import reader


@login_required
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The page, or only its rows where htmx asks for them."""
    now, user = timezone.now(), reader(request)
    tab = tab_for(request.GET.get("tab", ""), request.GET.get("status", ""))
    narrowed = TicketFilter(request.GET, tab.tickets(user))
    turn = paging.breaking_next if tab.is_active else paging.most_recent
    columns: tuple[str, ...] = COLUMNS
    if tab.key == "held":
        turn, columns = paging.leaving_next, (*COLUMNS, "leaves_at")
    page, following = turn(narrowed.found().values(*columns), request.GET.get("after", ""))
    chips = list(narrowed.chips())
    context = {
        "tab": tab,
        "opens_tickets": opens_tickets(user),
        "tabs": [(each, _address(request, tab=each.key)) for each in TABS],
        "filter": narrowed,
        "chips": chips,
        "narrowed_by": chips[1:] if narrowed.form.cleaned_data.get("q") else chips,
        "wrong": narrowed.wrong(),
        "everywhere": "" if tab.key == "all" else _address(request, tab="all"),
        "rows": rows_of(page, narrowed.listed, now),
        "next_page": _address(request, after=following) if following else "",
        "first_page": _address(request),
    }
    template = "tickets/queue.html#rows" if request.htmx else "tickets/queue.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@login_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """A reference goes to its ticket; any other words look through all tickets."""
    text = request.GET.get("q", "").strip()
    reference = normalise(text)
    if (
        reference
        and Ticket.objects.visible_to(reader(request)).filter(reference=reference).exists()
    ):
        return redirect("ticket", reference)
    return redirect(f"{reverse('queue')}?{urlencode({'tab': 'all', 'q': text[:200]})}")


def _address(request: HttpRequest, **changes: str) -> str:
    """This page's address with some of its query changed; a new tab starts at its first page."""
    query = request.GET.copy()
    query.pop("after", None)
    for name, value in changes.items():
        query[name] = value
    return f"{reverse('queue')}?{query.urlencode()}"
