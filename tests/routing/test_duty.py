"""A team that keeps hours is given nothing outside them; what came meanwhile is shared out then."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from types import SimpleNamespace

import pytest

from escalation import publishing
from escalation.models import Calendar, OpeningHours, TeamHours
from tests.routing.conftest import given, reasons
from tickets.models import Ticket
from tickets.routing.services import try_again

Come = Callable[..., Ticket]


@pytest.fixture
def hours(team: SimpleNamespace, now: datetime) -> None:
    """Support works on weekdays from nine to five in New York; ``now`` is Tuesday at nine there."""
    office = Calendar.objects.create(name="Office", time_zone="America/New_York")
    for day in range(5):
        OpeningHours.objects.create(calendar=office, weekday=day, opens=time(9), closes=time(17))
    publishing.publish_calendar(calendar=office, now=now - timedelta(days=30))
    TeamHours.objects.create(team=team.support, calendar=office)


@pytest.mark.usefixtures("hours")
def test_on_duty_it_finds_somebody(team: SimpleNamespace, comes: Come) -> None:
    assert given(comes()) == ["ana"]


@pytest.mark.usefixtures("hours")
def test_off_duty_it_waits_until_the_team_opens(
    team: SimpleNamespace, comes: Come, now: datetime
) -> None:
    early = now - timedelta(minutes=1)
    one = comes(now=early)
    assert given(one) == [None]
    assert reasons(one) == ["to nobody yet, as Support is closed until Tue 3 Mar 09:00"]
    assert try_again(now - timedelta(seconds=1)) == 0
    assert try_again(now) == 1
    assert given(one) == ["ana"]


@pytest.mark.usefixtures("hours")
def test_another_team_keeps_other_hours(team: SimpleNamespace, comes: Come, now: datetime) -> None:
    team.billing.assignment = "round_robin"
    team.billing.save()
    assert given(comes(now=now + timedelta(hours=12), team=team.billing)) == ["bo"]
