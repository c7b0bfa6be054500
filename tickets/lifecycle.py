"""Statuses and the transitions between them; pure."""

from enum import StrEnum


class Status(StrEnum):
    NEW = "new"  # nobody has answered yet
    OPEN = "open"  # our turn
    PENDING = "pending"  # waiting for the customer
    ON_HOLD = "on_hold"  # waiting for us or a third party
    SOLVED = "solved"
    CLOSED = "closed"  # final; a further message opens a follow-up ticket


ACTIVE = frozenset({Status.NEW, Status.OPEN, Status.PENDING, Status.ON_HOLD})
# What waits for somebody else; it may say when it comes back by itself.
ASIDE = frozenset({Status.PENDING, Status.ON_HOLD})
# A customer who speaks, or still waits, puts it before us again.
REOPENED = frozenset({Status.PENDING, Status.SOLVED})

_ALLOWED: dict[Status, frozenset[Status]] = {
    Status.NEW: frozenset(
        {Status.OPEN, Status.PENDING, Status.ON_HOLD, Status.SOLVED, Status.CLOSED}
    ),
    Status.OPEN: frozenset({Status.PENDING, Status.ON_HOLD, Status.SOLVED, Status.CLOSED}),
    Status.PENDING: frozenset({Status.OPEN, Status.ON_HOLD, Status.SOLVED, Status.CLOSED}),
    Status.ON_HOLD: frozenset({Status.OPEN, Status.PENDING, Status.SOLVED, Status.CLOSED}),
    Status.SOLVED: frozenset({Status.OPEN, Status.CLOSED}),
    Status.CLOSED: frozenset(),
}


class TransitionRefused(ValueError):
    """The status cannot follow the present one."""


def allowed(current: str) -> frozenset[Status]:
    """The statuses that may follow ``current``."""
    return _ALLOWED[Status(current)]


def check(current: str, wanted: str) -> None:
    """Raises TransitionRefused, in words for the agent, where ``wanted`` may not follow ``current``."""
    if Status(wanted) not in allowed(current):
        raise TransitionRefused(f"A ticket that is {words(current)} cannot become {words(wanted)}.")


def words(status: str) -> str:
    """The status as a reader says it: ``on_hold`` is «on hold»."""
    return Status(status).value.replace("_", " ")
