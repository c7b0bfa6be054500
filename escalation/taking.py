"""Take-overs of one ticket, each upon the one before: who holds it, and to whom it goes back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from escalation.models import Escalation
from tickets.errors import Conflict
from tickets.models import Ticket
from tickets.people.models import User
from tickets.words import ago


class HeldByAnother(Conflict):
    """Somebody took the ticket over whom the actor did not know to have it."""

    def __init__(self, holder: User, taken_over_at: datetime, now: datetime) -> None:
        said = f"{holder.name} took this ticket over {ago(taken_over_at, now)}"
        super().__init__(f"{said}, and has it still. Take it over from {holder.name}?")
        self.holder = holder


@dataclass(frozen=True, slots=True)
class TakeOver:
    """What one person took over at one instant, and from whom."""

    rows: list[Escalation]

    def order(self) -> tuple[datetime, int]:
        """Of two in one instant, the one whose row was made later is the later."""
        at = self.rows[0].taken_over_at
        assert at is not None  # noqa: S101  every take-over says when
        return at, max(row.pk for row in self.rows)

    @property
    def by(self) -> User | None:
        return self.rows[0].taken_over_by

    @property
    def taken_from(self) -> User | None:
        return self.rows[0].taken_from


def taken(rows: Iterable[Escalation]) -> list[TakeOver]:
    """The take-overs that last, the latest first."""
    found: dict[tuple[object, ...], list[Escalation]] = {}
    for row in rows:
        if row.state == Escalation.State.TAKEN_OVER:
            found.setdefault((row.taken_over_at, row.taken_over_by_id), []).append(row)
    return sorted(map(TakeOver, found.values()), key=TakeOver.order, reverse=True)


def holder(stack: list[TakeOver], ticket: Ticket) -> User | None:
    """Who holds the ticket: took it over last, works here, and has not given it away since."""
    by = stack[0].by if stack else None
    return by if by is not None and by.is_active and by.pk == ticket.assignee_id else None


def goes_back_to(ticket: Ticket) -> User | None:
    """Who gets the ticket where it is handed back to nobody by name."""
    rows = Escalation.objects.filter(ticket=ticket, state=Escalation.State.TAKEN_OVER)
    stack = taken(rows.select_related("taken_over_by", "taken_from"))
    return unwound(stack, None)[0]


def unwound(stack: list[TakeOver], to: User | None) -> tuple[User | None, list[TakeOver]]:
    """To whom a hand-back gives the ticket, and the take-overs that end with it.

    Without ``to`` it goes to whoever it was taken from; where they have left, on to whoever holds
    the take-over below, or to the one that was taken from, and so on; to nobody where all have.
    With ``to``, what was taken over above them ends, and all of it where they hold none of it.
    """
    ended: list[TakeOver] = []
    for place, each in enumerate(stack):
        ended.append(each)
        below = stack[place + 1].by if place + 1 < len(stack) else None
        if to is None:
            for person in (each.taken_from, below):
                if person is not None and person.is_active:
                    return person, ended
        elif below == to:
            break
    return to, ended
