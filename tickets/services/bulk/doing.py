"""Doing it: each ticket in a transaction of its own, with what it had before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from tickets.access import NoSuchTicket, ticket_for
from tickets.errors import Invalid, ServiceRefused, Stale
from tickets.models import BulkDeed, BulkItem, Ticket
from tickets.people.models import User
from tickets.services import changes, triage
from tickets.services.bulk.foreseeing import Change, Wanted, foresee
from tickets.services.bulk.wording import said
from tickets.services.tagging import tags_named

MOST = 200
_MEANWHILE = "Somebody changed it, or the customer wrote, after the preview."


def carry_out(
    *,
    references: Mapping[str, int | None],
    wanted: Wanted,
    actor: User,
    now: datetime,
    key: UUID,
) -> BulkDeed:
    """Does ``wanted`` to the tickets of these references, each at the version its preview had.

    What cannot be changed is left alone and said in the deed. A ``key`` that was used before gives
    the deed of then and does nothing. Raises Invalid for nothing to do, or too much.
    """
    if not wanted:
        raise Invalid("Choose what to change.")
    if not 0 < len(references) <= MOST:
        raise Invalid(f"Choose between 1 and {MOST} tickets.")
    tags_named(
        wanted.get("add_tags", ())
    )  # what cannot be a tag is refused before anything is done
    try:
        with transaction.atomic():
            deed = BulkDeed.objects.create(key=key, actor=actor, at=now, said=said(wanted))
    except IntegrityError:
        return BulkDeed.objects.get(key=key)
    alone = [
        (reference, why)
        for reference, version in references.items()
        if (why := _one(deed, reference, version, wanted, actor, now))
    ]
    BulkDeed.objects.filter(pk=deed.pk).update(left_alone=alone)
    deed.left_alone = alone
    return deed


def _one(
    deed: BulkDeed, reference: str, version: int | None, wanted: Wanted, actor: User, now: datetime
) -> str:
    """Why it was left alone; empty where it was changed."""
    try:
        with transaction.atomic():
            ticket = ticket_for(actor, reference, lock=True)
            outlook = foresee(ticket, wanted, actor)
            if version is not None and ticket.version != version:
                raise Stale(_MEANWHILE)
            if outlook.why:
                return outlook.why
            before = _before(ticket, outlook.changes)
            fresh = _change(ticket, wanted, actor, now)
            BulkItem.objects.create(deed=deed, ticket=ticket, before=before, version=fresh.version)
    except NoSuchTicket:
        return "You do not see it any more."
    except ServiceRefused as refusal:
        return refusal.message
    return ""


def _change(ticket: Ticket, wanted: Wanted, actor: User, now: datetime) -> Ticket:
    steps = {name: value for name, value in wanted.items() if name in changes.STEPS}
    if "follow" in wanted:
        triage.follow(ticket=ticket, user=actor, actor=actor, now=now)
    return changes.apply(ticket=ticket, changes=steps, actor=actor, now=now)


def _before(ticket: Ticket, differing: Iterable[Change]) -> dict[str, Any]:
    """What undoing needs: the values of what will change, and of what that takes along."""
    touched = {change.key for change in differing}
    kept: dict[str, Any] = {}
    if "status" in touched:
        solved_at = ticket.solved_at.isoformat() if ticket.solved_at else None
        kept |= {"status": ticket.status, "solved_at": solved_at}
    if "priority" in touched:
        kept["priority"] = ticket.priority
    if "category" in touched:
        kept["category"] = ticket.category_id
    if "team" in touched:
        kept["team"] = ticket.team_id
    if touched & {"team", "assignee"}:
        kept["assignee"] = ticket.assignee_id
    if touched & {"add_tags", "remove_tags"}:
        kept["tags"] = [tag.name for tag in ticket.tags.all()]
    if "follow" in touched:
        kept["follow"] = False
    return kept
