"""Who took tickets over leaves: what they held climbs on, for it would reach no one any more."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from escalation import climbing, matching
from escalation.clocks import settle, stand
from escalation.deeds import Deeds
from escalation.models import Escalation
from escalation.standing import Standing
from tickets.models import Ticket
from tickets.people.models import User
from tickets.services.locking import locked

State = Escalation.State


def held(people: Collection[User], **_: Any) -> set[int]:
    """The tickets that ``left`` changes when ``people`` leave."""
    return set(_taken_over(people).values_list("ticket", flat=True))


def left(person: User, now: datetime, **_: Any) -> None:
    """Runs inside the transaction of the leaving, the tickets locked by it (sla.md rule 13).

    Climbs go on above the levels that were told already; a take-over that nobody had asked for
    has nothing to climb and ends.
    """
    numbers = held([person])
    for ticket in Ticket.objects.filter(pk__in=numbers).order_by("pk"):
        with locked(ticket):
            standing, deeds = stand(ticket, matching.configuration(now), now), Deeds(now)
            _let_go(standing, person)
            settle(standing, deeds)
            deeds.carry_out([standing])


def _let_go(standing: Standing, person: User) -> None:
    for row in (climb.row for climb in standing.climbs):
        if row.state != State.TAKEN_OVER or row.taken_over_by_id != person.pk:
            continue
        if row.path_version_id is None:
            climbing.end(row, f"{person.name} does not work here any more.", standing.now)
        else:
            row.state = State.OPEN
            row.taken_over_at = row.taken_over_by = row.taken_from = None


def _taken_over(people: Collection[User]) -> Any:
    return Escalation.objects.filter(state=State.TAKEN_OVER, taken_over_by__in=people)
