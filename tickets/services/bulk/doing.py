"""Doing it: each ticket all or nothing, with what it had before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from tickets.access import NoSuchTicket, ticket_for, tickets_for
from tickets.errors import Invalid, ServiceRefused, Stale, TooLate
from tickets.models import BulkDeed, BulkItem, Ticket
from tickets.people.models import User
from tickets.references import normalise
from tickets.services import changes, triage
from tickets.services.bulk.foreseeing import foresee
from tickets.services.bulk.keeping import as_data
from tickets.services.bulk.wording import Change, Wanted, said
from tickets.services.lapsing import held_lines
from tickets.services.locking import lock_all
from tickets.services.tagging import tags_named
from tickets.services.triage.status import DONE
from tickets.together import together

MOST = 200
# So many are locked and committed at once where nothing else can move by it: whatever rules and turns
# give to others locks people too, and no ticket or turn is taken after a person.
AT_ONCE = 25
_MOVES_NOTHING_ELSE = {"assignee", "follow"}
UNDO_FOR = timedelta(minutes=30)
# So long after it last said so a run is taken to be under way; it says so before each ticket or batch.
BUSY_FOR = timedelta(seconds=30)
UNSEEN = "You do not see it any more."
Clock = Callable[[], datetime]
_MEANWHILE = "Somebody changed it, or the customer wrote, after the preview."
_BROKEN_OFF = "This was begun more than half an hour ago and broke off. Look at what is left to do, then do it."


def carry_out(
    *,
    references: Mapping[str, int | None],
    wanted: Wanted,
    actor: User,
    now: datetime,
    key: UUID,
    clock: Clock | None = None,
) -> BulkDeed:
    """Does ``wanted`` to the tickets of these references, each at the version its preview had.

    What cannot be changed is left alone and said in the deed. A ``key`` that was used before gives
    the deed of then and, where that has broken off or is still under way, goes on with what it has
    neither changed nor left alone. It stops where it is left or undone meanwhile. ``clock`` tells how
    long it is at it; without one it takes no time. Raises Invalid for nothing to do, or too much, and
    TooLate where it broke off so long ago that what is done now could not be undone.
    """
    if not wanted:
        raise Invalid("Choose what to change.")
    if not 0 < len(references) <= MOST:
        raise Invalid(f"Choose between 1 and {MOST} tickets.")
    tags_named(
        wanted.get("add_tags", ())
    )  # what cannot be a tag is refused before anything is done
    begun = {"asked": [[*each] for each in references.items()], "wanted": as_data(wanted)}
    deed, is_new = begin(key=key, actor=actor, now=now, said=said(wanted), begun=begun)
    asked = list(references.items()) if is_new else _waiting(deed, references, wanted, actor)
    if asked:
        run(deed, asked, wanted, actor, now, clock)
    return deed


def run(
    deed: BulkDeed,
    asked: list[tuple[str, int | None]],
    wanted: Wanted,
    actor: User,
    now: datetime,
    clock: Clock | None,
) -> bool:
    """Does it to those that are ``asked`` now, of all with which it was begun; False where it has ended
    already. Raises TooLate."""
    if now - deed.at > UNDO_FOR:
        raise TooLate(_BROKEN_OFF)
    clock = clock or (lambda: now)
    if not (until := _go_on_until(deed, clock())):
        return False
    alone = list[tuple[str, str]]()
    some = AT_ONCE if wanted.keys() <= _MOVES_NOTHING_ELSE else 1
    try:
        for start in range(0, len(asked), some):
            if not (longer := _go_on_until(deed, clock())):
                break
            until = longer
            alone += _some(deed, asked[start : start + some], wanted, actor, now)
    finally:
        leave_alone(deed, alone)
        # Unless another run of it has said since that it is at it.
        BulkDeed.objects.filter(pk=deed.pk, busy_until=until).update(busy_until=None)
    if deed.begun and not not_reached(deed, deed.begun):
        BulkDeed.objects.filter(pk=deed.pk).update(begun=None, busy_until=None)
    deed.refresh_from_db(fields=["begun", "busy_until", "undone_at"])
    return True


def _go_on_until(deed: BulkDeed, now: datetime) -> datetime | None:
    """Says that somebody is at it, and until when; None where it has ended or was left or undone."""
    mine, until = BulkDeed.objects.unfinished().filter(pk=deed.pk), now + BUSY_FOR
    return until if mine.update(busy_until=until) else None


def begin(
    *, key: UUID, actor: User, now: datetime, said: str, begun: dict[str, Any] | None = None
) -> tuple[BulkDeed, bool]:
    """A deed to which items can be added, and whether it is new: a second click with the same key
    waits until the first has said that it begins, and gets its deed. With what it was ``begun`` for it
    is unfinished until that is done."""
    given = {"actor": actor, "at": now, "said": said[:500], "begun": begun}
    if begun:
        given["busy_until"] = now + BUSY_FOR
    try:
        with transaction.atomic():
            return BulkDeed.objects.create(key=key, **given), True
    except IntegrityError:
        return BulkDeed.objects.get(key=key), False


def not_reached(deed: BulkDeed, begun: dict[str, Any]) -> list[tuple[str, int | None]]:
    """Of all with which it was ``begun``, what it has neither changed nor left alone."""
    alone = BulkDeed.objects.values_list("left_alone", flat=True).get(pk=deed.pk)
    done = _changed(deed) | {each for each, _ in alone}
    return [
        (each, version)
        for each, version in begun["asked"]
        if each not in done and normalise(each) not in done
    ]


def leave_alone(deed: BulkDeed, alone: list[tuple[str, str]]) -> None:
    """Adds to what the deed says it did not touch: pairs of a reference and why, each once, and none
    that another run of the same deed has changed."""
    if not alone:
        return
    with transaction.atomic():
        # Without the key: items that point to the deed are written meanwhile, under tickets' locks.
        row = BulkDeed.objects.select_for_update(no_key=True).get(pk=deed.pk)
        known, changed = dict(row.left_alone), _changed(deed)
        new = {each: why for each, why in alone if normalise(each) not in changed}
        deed.left_alone = list((known | new).items())
        deed.save(update_fields=["left_alone"])


def _waiting(
    deed: BulkDeed, references: Mapping[str, int | None], wanted: Wanted, actor: User
) -> list[tuple[str, int | None]]:
    """Of these, what the deed has not come to yet; nothing where it has ended or is another's."""
    if deed.begun is None or deed.undone_at or deed.actor_id != actor.pk:
        return []
    if deed.said.lower() != said(wanted).lower():
        return []
    return not_reached(deed, {"asked": references.items()})


def _changed(deed: BulkDeed) -> set[str]:
    return set(deed.items.values_list("ticket__reference", flat=True))


def _some(
    deed: BulkDeed, asked: list[tuple[str, int | None]], wanted: Wanted, actor: User, now: datetime
) -> list[tuple[str, str]]:
    """Those that were left alone, with why. People are told of the others together."""
    with transaction.atomic(), together():
        held = _held(actor, [reference for reference, _ in asked])
        return [
            (reference, why)
            for reference, version in asked
            if (why := _one(deed, reference, version, wanted, actor, now, held))
        ]


def _held(actor: User, references: list[str]) -> set[str] | None:
    """Those that are locked together, the lowest first; None for a single one, locked when it is
    read. None of the others may be locked later in the same transaction."""
    if len(references) == 1:
        return None
    tickets = tickets_for(actor, references)
    lock_all(tickets)
    return {ticket.reference for ticket in tickets}


def _one(
    deed: BulkDeed,
    reference: str,
    version: int | None,
    wanted: Wanted,
    actor: User,
    now: datetime,
    held: set[str] | None,
) -> str:
    """Why it was left alone; empty where it was changed, by this run or another of the same deed, and
    where the deed has ended meanwhile."""
    if held is not None and normalise(reference) not in held:
        return UNSEEN
    try:
        with transaction.atomic(), together():
            ticket = ticket_for(actor, reference, lock=True)
            if not _is_to_be_done(deed) or deed.items.filter(ticket=ticket).exists():
                return ""
            outlook = foresee(ticket, wanted, actor)
            if version is not None and ticket.version != version:
                raise Stale(_MEANWHILE)
            if outlook.why:
                return outlook.why
            before = _before(ticket, outlook.changes)
            if "status" in before and wanted.get("status") in DONE:
                before["lines"] = held_lines(ticket)
            fresh = _change(ticket, wanted, actor, now)
            BulkItem.objects.create(deed=deed, ticket=ticket, before=before, version=fresh.version)
    except NoSuchTicket:
        return UNSEEN
    except ServiceRefused as refusal:
        return refusal.message
    return ""


def _is_to_be_done(deed: BulkDeed) -> bool:
    """Stays true until commit: whoever leaves or undoes the deed waits for this ticket, and finds it
    among those that were changed. Nobody who holds the deed waits for a ticket."""
    mine = BulkDeed.objects.unfinished().filter(pk=deed.pk)
    return bool(mine.select_for_update(no_key=True).values_list("pk").order_by())


def _change(ticket: Ticket, wanted: Wanted, actor: User, now: datetime) -> Ticket:
    steps = {name: value for name, value in wanted.items() if name in changes.STEPS}
    if "follow" in wanted:
        triage.follow(ticket=ticket, user=actor, actor=actor, now=now)
    return changes.apply(ticket=ticket, changes=steps, actor=actor, now=now)


def _before(ticket: Ticket, differing: Iterable[Change]) -> dict[str, Any]:
    """What undoing needs: the values of what will change, and of what that takes along."""
    touched = {change.key for change in differing}
    kept: dict[str, Any] = {}
    if touched & {"status", "comes_back_at"}:
        kept["status"] = ticket.status
        for name in ("solved_at", "comes_back_at"):
            at = getattr(ticket, name)
            kept[name] = at.isoformat() if at else None
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
