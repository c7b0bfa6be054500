"""Undoing it: each ticket that nobody has touched since gets back what it had."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from tickets.access import NotAllowed, may_undo
from tickets.errors import Conflict, Invalid, ServiceRefused, TooLate
from tickets.models import BulkDeed, BulkItem, Category, Ticket
from tickets.people.models import Team, User
from tickets.services import changes, triage
from tickets.services.locking import lock

UNDO_FOR = timedelta(minutes=30)
_MODELS: dict[str, Any] = {"team": Team, "assignee": User, "category": Category}
_SINCE = "It was changed since, and stays as it is."


def undo(*, deed: BulkDeed, actor: User, now: datetime) -> BulkDeed:
    """Puts back what the deed changed, ticket by ticket, and says at each item what came of it.

    Broken off, it goes on where it stopped when asked again. Raises NotAllowed, and TooLate after
    ``UNDO_FOR`` or where it was undone already.
    """
    if not may_undo(actor, deed):
        raise NotAllowed("Only who did this, or an admin, can undo it.")
    if now - deed.at > UNDO_FOR:
        raise TooLate(f"This can be undone for {UNDO_FOR.seconds // 60} minutes; they are over.")
    waiting = deed.items.filter(is_undone=False, kept_because="")
    BulkDeed.objects.filter(pk=deed.pk, undone_at=None).update(undone_at=now, undone_by=actor)
    items = list(waiting.select_related("ticket"))
    if not items:
        raise TooLate("This was undone already.")
    for item in items:
        _one(item, actor, now)
    deed.refresh_from_db()
    return deed


def _one(item: BulkItem, actor: User, now: datetime) -> None:
    try:
        with transaction.atomic():
            lock(item.ticket)
            mine = BulkItem.objects.filter(pk=item.pk, is_undone=False, kept_because="")
            if mine.update(is_undone=True):  # else another undoing has had it
                _put_back(item, actor, now)
    except ServiceRefused as refusal:
        why = _SINCE if isinstance(refusal, Conflict) else refusal.message
        BulkItem.objects.filter(pk=item.pk).update(kept_because=why[:300])


def _put_back(item: BulkItem, actor: User, now: datetime) -> None:
    ticket, before = item.ticket, dict(item.before)
    follows = before.pop("follow", None)
    if before and ticket.version != item.version:
        raise Conflict(_SINCE)
    if follows is False and item.deed.actor:
        triage.unfollow(ticket=ticket, user=item.deed.actor, actor=actor, now=now)
    if "status" in before:
        _status(item, before, actor, now)
    steps = {name: _object(name, before[name]) for name in before if name in changes.STEPS}
    steps.pop("status", None)
    steps |= _tags(ticket, before["tags"]) if "tags" in before else {}
    changes.apply(ticket=ticket, changes=steps, actor=actor, now=now)


def _status(item: BulkItem, before: dict[str, Any], actor: User, now: datetime) -> None:
    solved_at = before["solved_at"]
    triage.put_back(
        ticket=item.ticket,
        status=before["status"],
        solved_at=datetime.fromisoformat(solved_at) if solved_at else None,
        actor=actor,
        now=now,
        expected_version=item.version,
    )


def _tags(ticket: Ticket, before: list[str]) -> dict[str, list[str]]:
    present = {tag.name for tag in ticket.tags.all()}
    return {
        "add_tags": sorted(set(before) - present),
        "remove_tags": sorted(present - set(before)),
    }


def _object(name: str, value: Any) -> Any:
    model = _MODELS.get(name)
    if model is None or value is None:
        return value
    found = model.objects.filter(pk=value).first()
    if found is None:
        raise Invalid(f"The {name} it had is not there any more.", name)
    return found
