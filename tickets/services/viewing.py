"""Saved views of the queue: kept, shared, put in order, and the columns that people choose."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from tickets.access import NotAllowed, may_change_view, may_share
from tickets.errors import Invalid
from tickets.models import QueueColumns, SavedView
from tickets.people.models import Team, User
from tickets.services.words import view_name

MOST = 50


def save_view(
    *,
    owner: User,
    name: str,
    query: str,
    columns: Sequence[str],
    sharing: str = SavedView.Sharing.OWN,
    team: Team | None = None,
) -> SavedView:
    """Keeps ``query`` and ``columns`` under a name; the very same view once more is that view.

    Raises Invalid, NotAllowed.
    """
    may_share(owner, sharing, team)
    same = SavedView.objects.filter(
        owner=owner, name=view_name(name), query=_query(query), columns=list(columns),
        sharing=sharing, team=team,
    )  # fmt: skip
    if there := same.first():
        return there
    if owner.saved_views.count() >= MOST:
        raise Invalid(f"You have {MOST} views, which is the most. Delete one first.", "name")
    last = owner.saved_views.order_by("-position").values_list("position", flat=True).first()
    view = SavedView(
        owner=owner, name=view_name(name), query=_query(query), columns=list(columns),
        sharing=sharing, team=team, position=(last or 0) + 1,
    )  # fmt: skip
    try:
        return _stored(view)
    except Invalid:
        if there := same.first():  # the other click was faster
            return there
        raise


def change_view(
    *,
    view: SavedView,
    actor: User,
    name: str,
    sharing: str,
    team: Team | None = None,
) -> SavedView:
    """Another name, or other people. Raises Invalid, NotAllowed."""
    _require(actor, view)
    if (sharing, team) != (view.sharing, view.team):
        may_share(actor, sharing, team)
    view.name, view.sharing, view.team = view_name(name), sharing, team
    return _stored(view)


def keep_in_view(*, view: SavedView, actor: User, query: str, columns: Sequence[str]) -> SavedView:
    """The view shows these filters from now on, to everybody who has it."""
    _require(actor, view)
    view.query, view.columns = _query(query), list(columns)
    return _stored(view)


def delete_view(*, view: SavedView, actor: User) -> None:
    _require(actor, view)
    view.delete()


def move_view(*, view: SavedView, actor: User, step: int) -> None:
    """One place up (-1) or down (1) among its owner's."""
    _require(actor, view)
    with transaction.atomic():
        row = list(SavedView.objects.select_for_update().filter(owner=view.owner_id))
        here = next(place for place, each in enumerate(row) if each.pk == view.pk)
        there = min(max(here + step, 0), len(row) - 1)
        row.insert(there, row.pop(here))
        for place, each in enumerate(row):
            each.position = place
        SavedView.objects.bulk_update(row, ["position"])


def choose_columns(*, user: User, columns: Sequence[str]) -> None:
    """The columns of every view that brings none of its own."""
    QueueColumns.objects.update_or_create(user=user, defaults={"columns": list(columns)})


def _require(actor: User, view: SavedView) -> None:
    if not may_change_view(actor, view):
        raise NotAllowed("This view is somebody else's: save your own under another name.")


def _query(query: str) -> str:
    if len(query) > 1000:
        raise Invalid("These filters are too long to be kept.", "name")
    return query


def _stored(view: SavedView) -> SavedView:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        raise Invalid(f"There is a view «{view.name}» already.", "name") from None
    return view
