"""A change of many tickets that stopped half-way because its process died: gone on with, or left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tickets.access import NotAllowed
from tickets.errors import TooLate
from tickets.models import BulkDeed
from tickets.people.models import User
from tickets.services.bulk.doing import UNDO_FOR, Clock, not_reached, run
from tickets.services.bulk.keeping import from_data

_ENDED = "This change has ended already."


@dataclass(frozen=True, slots=True)
class Unfinished:
    """How far a deed has come: of ``asked`` tickets ``done`` were changed. ``is_busy`` where it may
    still be under way; it ``may_go_on`` while what it does can be undone."""

    deed: BulkDeed
    asked: int
    done: int
    is_busy: bool
    may_go_on: bool


def unfinished(actor: User, now: datetime) -> Unfinished | None:
    """The newest change of theirs that has not ended; one query where there is none."""
    deed = BulkDeed.objects.unfinished().filter(actor=actor).first()
    return how_far(deed, now) if deed else None


def how_far(deed: BulkDeed, now: datetime) -> Unfinished | None:
    """None for a deed that has ended."""
    if deed.begun is None or deed.undone_at:
        return None
    is_busy = deed.busy_until is not None and deed.busy_until > now
    asked, done = len(deed.begun["asked"]), deed.items.count()
    return Unfinished(deed, asked, done, is_busy, now - deed.at <= UNDO_FOR)


def go_on(*, deed: BulkDeed, actor: User, now: datetime, clock: Clock | None = None) -> BulkDeed:
    """Does the rest, each ticket at the version that its preview had; ``clock`` as for the deed itself.

    Raises NotAllowed for another's, Invalid where something that was wanted is gone, and TooLate for
    what has ended or what was begun so long ago that it could not be undone.
    """
    _must_be_theirs(deed, actor)
    if deed.begun is None or deed.undone_at:
        raise TooLate(_ENDED)
    asked, wanted = not_reached(deed, deed.begun), from_data(deed.begun["wanted"])
    if not run(deed, asked, wanted, actor, now, clock):
        raise TooLate(_ENDED)
    return deed


def leave_it(*, deed: BulkDeed, actor: User) -> BulkDeed:
    """What is done stays and can be undone; the rest is not done. Raises NotAllowed, TooLate."""
    _must_be_theirs(deed, actor)
    mine = BulkDeed.objects.unfinished().filter(pk=deed.pk)
    if not mine.update(begun=None, busy_until=None):
        raise TooLate(_ENDED)
    deed.refresh_from_db()
    return deed


def _must_be_theirs(deed: BulkDeed, actor: User) -> None:
    if deed.actor_id != actor.pk:
        raise NotAllowed("Only who began this change goes on with it.")
