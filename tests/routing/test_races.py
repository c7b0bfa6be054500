"""Two tickets at the same moment: two people, and nobody beyond what they may have."""

from collections import Counter
from datetime import datetime
from types import SimpleNamespace

import pytest

from tests.factories import at_once, ticket
from tests.routing.conftest import given, out, way
from tickets.models import Ticket
from tickets.routing.models import Turn, Waiting
from tickets.routing.services import try_again
from tickets.services import triage

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("assignment", ["round_robin", "least_loaded", "skill"])
def test_nine_at_once_are_shared_out_evenly(
    team: SimpleNamespace, now: datetime, assignment: str
) -> None:
    way(team.support, assignment)
    outcomes = at_once(*[lambda: ticket(team, now) for _ in range(9)])
    assert all(isinstance(each, Ticket) for each in outcomes), outcomes
    assert Counter(given(*outcomes)) == {"ana": 3, "ben": 3, "cleo": 3}  # type: ignore[arg-type]
    assert Turn.objects.get().number == 9


def test_nobody_is_given_more_than_they_may_have_at_once(
    team: SimpleNamespace, now: datetime
) -> None:
    way(team.support, "least_loaded", most_open=1)
    outcomes = at_once(*[lambda: ticket(team, now) for _ in range(6)])
    assert all(isinstance(each, Ticket) for each in outcomes), outcomes
    assert Counter(given(*outcomes))[None] == 3  # type: ignore[arg-type]
    assert Waiting.objects.count() == 3


def test_two_passes_at_once_give_each_ticket_once(team: SimpleNamespace, now: datetime) -> None:
    away = [out(person, now) for person in (team.ana, team.ben, team.cleo)]
    tickets = [ticket(team, now) for _ in range(6)]
    later = away[0].ends_at
    outcomes = at_once(*[lambda: try_again(later) for _ in range(3)])
    assert sum(each for each in outcomes if isinstance(each, int)) == 6, outcomes
    assert Counter(given(*tickets)) == {"ana": 2, "ben": 2, "cleo": 2}


def test_tickets_that_move_back_and_forth_at_once_end_in_somebodys_hands(
    team: SimpleNamespace, now: datetime
) -> None:
    way(team.billing, "round_robin")
    tickets = [ticket(team, now) for _ in range(4)]

    def move(one: Ticket) -> None:
        for place in (team.billing, team.support):
            triage.move_to_team(ticket=one, team=place, actor=None, now=now)

    outcomes = at_once(*[lambda one=one: move(one) for one in tickets])
    assert outcomes == [None] * 4
    assert None not in given(*tickets)
