"""Undoing it: each ticket that nobody has touched since gets back what it had."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from tickets import events
from tickets.access import NotAllowed, may_undo
from tickets.errors import Conflict, Invalid, ServiceRefused, TooLate
from tickets.models import BulkDeed, BulkItem, Ticket, TicketEvent
from tickets.people.models import User
from tickets.services import changes, triage
from tickets.services.bulk.doing import UNDO_FOR
from tickets.services.bulk.keeping import object_of
from tickets.services.bulk.wording import sentence
from tickets.services.lapsing import PASSED, Lost, hold_lines_again
from tickets.services.locking import lock

_LOST = "{} stays taken back, because {}: write it anew on the ticket."
_RESUMED = "what was held for the customer waits again"
# A sentence has 300 characters, and names a line in 120 of them.
_LONGEST_WHY = 110
_GONE = "The {} it had is not there any more."
_NOBODY = "What did it is not there any more, so it stays as it is."
_NOTHING = "Nothing of it was done, so there is nothing to undo."
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
    undone = BulkDeed.objects.filter(pk=deed.pk, undone_at=None)
    is_first = undone.update(undone_at=now, undone_by=actor)
    items = list(waiting.select_related("ticket"))
    if not items:
        raise TooLate(_NOTHING if is_first else "This was undone already.")
    told = {"deed": deed.pk, "undone": _told(deed, actor)}
    for item in items:
        _one(item, actor, now, told)
    deed.refresh_from_db()
    return deed


def _told(deed: BulkDeed, actor: User) -> str:
    """The deed as the history of each ticket names it, and whose it was where it was another's."""
    by = f" by {deed.actor.name}" if deed.actor and deed.actor != actor else ""
    return f"«{sentence(deed.items.count(), deed.said)}»{by}"


def _one(item: BulkItem, actor: User, now: datetime, told: dict[str, Any]) -> None:
    try:
        with transaction.atomic():
            lock(item.ticket)
            mine = BulkItem.objects.filter(pk=item.pk, is_undone=False, kept_because="")
            if mine.update(is_undone=True):  # else another undoing has had it
                kept = _put_back(item, actor, now)
                BulkItem.objects.filter(pk=item.pk).update(kept_because=kept)
                events.record(
                    item.ticket, TicketEvent.Kind.UNDONE, at=now, now=now, actor=actor, **told
                )
    except (ServiceRefused, NotAllowed) as refusal:
        why = _SINCE if isinstance(refusal, Conflict) else str(refusal)
        BulkItem.objects.filter(pk=item.pk).update(kept_because=why[:300])


def _put_back(item: BulkItem, actor: User, now: datetime) -> str:
    """What of it does not come back; empty where all of it is as before."""
    ticket, before = item.ticket, dict(item.before)
    if "above" in before:
        answers = events.undoing.send(sender=BulkItem, item=item, actor=actor, now=now)
        if not any(is_done for _, is_done in answers):
            raise Invalid(_NOBODY)
        return ""
    follows, lines = before.pop("follow", None), before.pop("lines", [])
    if before and ticket.version != item.version:
        raise Conflict(_SINCE)
    if follows is False and item.deed.actor:
        triage.unfollow(ticket=ticket, user=item.deed.actor, actor=actor, now=now)
    lost: list[Lost] = []
    if "status" in before:
        # First the lines, so that the clocks, which hear of the status, see to their time.
        lost = hold_lines_again(ticket=ticket, lines=lines, now=now) if lines else []
        _status(item, before, len(lines) - len(lost), actor, now)
    steps = {
        name: object_of(name, before[name], _GONE.format(name))
        for name in before
        if name in changes.STEPS
    }
    for name in ("status", "comes_back_at"):
        steps.pop(name, None)
    steps |= _tags(ticket, before["tags"]) if "tags" in before else {}
    changes.apply(ticket=ticket, changes=steps, actor=actor, now=now)
    return _LOST.format(_named(lost), _why(lost)) if lost else ""


def _named(lost: list[Lost]) -> str:
    """The progress lines, as far as a sentence has room for them."""
    first = " ".join(lost[0].line.body.split())
    more = f" (and {len(lost) - 1} more)" if lost[1:] else ""
    return f"The progress line «{first if len(first) <= 80 else f'{first[:79]}…'}»{more}"


def _why(lost: list[Lost]) -> str:
    """What keeps them back, what was broken before what is late; short enough to be kept whole."""
    whys = sorted({each.because for each in lost}, key=lambda why: (why == PASSED, why))
    said = " and ".join(whys)
    return said if len(said) <= _LONGEST_WHY else f"{said[: _LONGEST_WHY - 1]}…"


def _status(
    item: BulkItem, before: dict[str, Any], resumed: int, actor: User, now: datetime
) -> None:
    triage.put_back(
        ticket=item.ticket,
        status=before["status"],
        solved_at=_instant(before["solved_at"]),
        comes_back_at=_instant(before.get("comes_back_at")),  # not known of what was done long ago
        actor=actor,
        now=now,
        expected_version=item.version,
        because=_RESUMED if resumed else "",
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _tags(ticket: Ticket, before: list[str]) -> dict[str, list[str]]:
    present = {tag.name for tag in ticket.tags.all()}
    return {
        "add_tags": sorted(set(before) - present),
        "remove_tags": sorted(present - set(before)),
    }
