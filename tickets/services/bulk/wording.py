"""What a change of many tickets says of itself, such as «50 tickets closed, tagged vip»."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime

from tickets.words import exactly

# Keys of ``changes.STEPS`` with objects as values, and "follow" for the actor following it.
Wanted = dict[str, Any]
_STATUSES = {
    "open": "opened again", "pending": "set to pending", "on_hold": "put on hold",
    "solved": "solved", "closed": "closed",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One property in words: what, from, to."""

    key: str
    what: str
    before: str
    after: str


def said(wanted: Wanted) -> str:
    """What is done, without how many."""
    return ", ".join(_parts(wanted))[:500]


def when(at: datetime | None) -> str:
    """An instant at which something comes back, in the reader's zone."""
    return exactly(localtime(at)) if at else "only by hand"


def sentence(number: int, said: str) -> str:
    """What was done to how many."""
    return f"{number} {'ticket' if number == 1 else 'tickets'} {said}"


def _parts(wanted: Wanted) -> Iterator[str]:
    if "status" in wanted:
        yield _STATUSES.get(wanted["status"], f"set to {wanted['status']}")
    if "comes_back_at" in wanted:
        yield f"to come back {when(wanted['comes_back_at'])}"
    if "assignee" in wanted:
        yield f"assigned to {wanted['assignee'] or 'nobody'}"
    if "team" in wanted:
        yield f"moved to {wanted['team']}"
    if "priority" in wanted:
        yield f"set to priority {wanted['priority']}"
    if "category" in wanted:
        yield f"filed under {wanted['category']}"
    if "add_tags" in wanted:
        yield f"tagged {', '.join(wanted['add_tags'])}"
    if "remove_tags" in wanted:
        yield f"freed of the tag {', '.join(wanted['remove_tags'])}"
    if "follow" in wanted:
        yield "followed"
