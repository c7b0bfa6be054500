"""Saved views and columns: a page to keep them in order, and the forms that make them."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from tickets.access import may_change_view
from tickets.errors import Invalid, ServiceRefused
from tickets.filters import TicketFilter
from tickets.forms import ViewForm
from tickets.models import SavedView, Ticket
from tickets.people.models import User
from tickets.services import viewing
from tickets.views.addresses import back, kept, of_view
from tickets.views.columns import COLUMNS
from tickets.views.sidebar import offered
from tickets.views.signed_in import reader, writes

Bound = dict[int | None, ViewForm]


@writes
def saved_views(request: HttpRequest) -> HttpResponse:
    """The page; by POST a new view of the filters, order and columns that the queue has now."""
    if request.method != "POST":
        return _page(request, {})
    user = reader(request)
    form = ViewForm(request.POST, user=user)
    view = _saved(request, form, user) if form.is_valid() else None
    if view is None:
        return _page(request, {None: form}, status=422)
    messages.success(request, f"Saved as «{view.name}».")
    return redirect(of_view(view))


def _saved(request: HttpRequest, form: ViewForm, user: User) -> SavedView | None:
    said, query = form.cleaned_data, QueryDict(request.POST.get("query", ""))
    try:
        _must_find(query, user)
        return viewing.save_view(
            owner=user,
            name=said["name"],
            query=kept(query),
            columns=_known(request),
            sharing=said["sharing"],
            team=said["team"],
        )
    except ServiceRefused as refusal:
        form.refuse(refusal)
        return None


def _must_find(query: QueryDict, user: User) -> None:
    """Raises Invalid for filters that cannot be used: their view would be empty for good."""
    everything = Ticket.objects.all()
    narrowed = TicketFilter(query, everything, user=user, now=timezone.now())
    narrowed.found()
    if wrong := narrowed.wrong():
        raise Invalid(f"The filters cannot be used as they are: {' '.join(wrong)}")


@writes
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name, or other people."""
    user, view = reader(request), _view(request, pk)
    form = ViewForm(request.POST, user=user, view=view)
    if not form.is_valid():
        return _page(request, {pk: form}, status=422)
    said = form.cleaned_data
    try:
        viewing.change_view(
            view=view, actor=user, name=said["name"], sharing=said["sharing"], team=said["team"]
        )
    except ServiceRefused as refusal:
        form.refuse(refusal)
        return _page(request, {pk: form}, status=422)
    messages.success(request, f"«{view.name}» is saved.")
    return redirect("queue-views")


@writes
@require_POST
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """The view shows from now on what the queue shows now."""
    view = _view(request, pk)
    query, user = QueryDict(request.POST.get("query", "")), reader(request)
    try:
        _must_find(query, user)
    except Invalid as refusal:
        messages.warning(request, refusal.message)
        return redirect(of_view(view))
    viewing.keep_in_view(view=view, actor=user, query=kept(query), columns=_known(request))
    messages.success(request, f"«{view.name}» shows this from now on.")
    return redirect(of_view(view))


@writes
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    step = -1 if request.POST.get("step") == "up" else 1
    return _then(
        request, lambda user: viewing.move_view(view=_view(request, pk), actor=user, step=step)
    )


@writes
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    view = _view(request, pk)
    messages.success(request, f"«{view.name}» is deleted; the tickets are where they were.")
    return _then(request, lambda user: viewing.delete_view(view=view, actor=user))


@writes
@require_POST
def columns(request: HttpRequest) -> HttpResponse:
    """The columns of every view that brings none of its own."""
    viewing.choose_columns(user=reader(request), columns=_known(request))
    return redirect(back(request.POST.get("query", "")))


def _then(request: HttpRequest, do: Callable[[User], None]) -> HttpResponse:
    do(reader(request))
    return redirect("queue-views")


def _known(request: HttpRequest) -> list[str]:
    wanted = set(request.POST.getlist("columns"))
    return [key for key in COLUMNS if key in wanted]


def _view(request: HttpRequest, pk: int) -> SavedView:
    view = SavedView.objects.offered_to(reader(request)).filter(pk=pk).first()
    if view is None:
        raise Http404
    return view


def _page(request: HttpRequest, bound: Bound, status: int = 200) -> HttpResponse:
    user = reader(request)
    views = offered(user)
    prefetch_related_objects(views, "owner")
    forms = [
        (view, of_view(view), bound.get(view.pk) or ViewForm(user=user, view=view))
        for view in views
        if may_change_view(user, view)
    ]
    context = {
        "forms": forms,
        "others": [(view, of_view(view)) for view in views if not may_change_view(user, view)],
        "refused": bound.get(None),
        "query": request.POST.get("query", ""),
        "columns": _known(request),
    }
    return render(request, "tickets/saved_views.html", context, status=status)
