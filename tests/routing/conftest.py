"""A team that shares its tickets out, and short ways to what its people are given."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.factories import ticket
from tickets.models import Ticket
from tickets.people.models import Absence, Membership, Team, User

HOUR = timedelta(hours=1)


@pytest.fixture
def team(cast: SimpleNamespace) -> SimpleNamespace:
    """Support with a third agent, Cleo; it shares out in turn."""
    cast.cleo = User.objects.create(
        username="cleo", first_name="Cleo", email="cleo@company.example"
    )
    Membership.objects.create(user=cast.cleo, team=cast.support)
    way(cast.support, "round_robin")
    return cast


@pytest.fixture
def comes(team: SimpleNamespace, now: datetime) -> Callable[..., Ticket]:
    """A ticket of Support, as it stands once it is opened."""

    def come(**fields: Any) -> Ticket:
        return ticket(team, fields.pop("now", now), **fields)

    return come


def way(team: Team, assignment: str, **fields: Any) -> None:
    for name, value in ({"assignment": assignment} | fields).items():
        setattr(team, name, value)
    team.save()


def out(person: User, now: datetime, **fields: Any) -> Absence:
    given = {"starts_at": now - HOUR, "ends_at": now + 24 * HOUR}
    return Absence.objects.create(user=person, **given | fields)


def given(*tickets: Ticket) -> list[str | None]:
    """To whom, by user name."""
    people = [Ticket.objects.get(pk=each.pk).assignee for each in tickets]
    return [person.username if person else None for person in people]


def reasons(ticket: Ticket) -> list[str]:
    """What the history says of each assignment."""
    found = ticket.events.filter(kind="assigned").order_by("pk")
    return [event.data.get("because", "") for event in found]
