"""The wall: numbers of the reader's own teams, and nothing of any customer."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from escalation import raising
from escalation.wall import Wall
from tests.desk.conftest import due, owes_a_call
from tests.factories import replied
from tests.routing.conftest import out
from tickets.calls import services as calls
from tickets.models import Ticket
from tickets.people.models import Membership, User
from tickets.services import triage

Open = Callable[..., Ticket]
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _forget(db: None) -> Iterator[None]:
    """How today goes is kept for a minute, also across tests."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def comes(desk: SimpleNamespace, opened: Open) -> Open:
    def come(**fields: Any) -> Ticket:
        return opened(**{"now": timezone.now(), "team": desk.support} | fields)

    return come


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def wall(user: User, query: str = "") -> Wall:
    answer = client_of(user).get(f"/wall/{query}")
    assert answer.status_code == 200
    found: Wall = answer.context["wall"]
    return found


def test_it_shows_what_breaks_what_is_late_and_who_waits(
    desk: SimpleNamespace, comes: Open
) -> None:
    now = timezone.now()
    first = comes(now=now - 2 * HOUR, assignee=desk.ana)
    late, soon = comes(assignee=desk.ana), comes()
    due(first, now + 2 * HOUR)
    due(late, now - HOUR)
    due(soon, now + HOUR)
    raising.hand_over(ticket=late, actor=desk.ana, reason="He shouts", now=now)
    due(late, now - HOUR)
    shown = wall(desk.sue)
    assert [each.reference for each in shown.next] == [soon.reference, first.reference]
    assert (str(shown.late), str(shown.unassigned), str(shown.escalated)) == ("1", "1", "1")
    assert shown.latest == late.reference
    assert shown.oldest is not None
    assert shown.oldest[0] == first.reference


def test_a_call_owed_on_what_is_solved_is_late_and_breaks_next_like_everything_else(
    desk: SimpleNamespace, comes: Open
) -> None:
    now = timezone.now()
    due(comes(), now - HOUR)
    missed = owes_a_call(comes, desk.ana, now - 2 * HOUR)
    later = owes_a_call(comes, desk.ana, now + HOUR)
    calls.promise_callback(
        ticket=later, due_at=now + 2 * HOUR, actor=desk.ana, because="Again", now=now
    )
    shown = wall(desk.sue)
    assert (str(shown.late), shown.latest) == ("2", missed.reference)
    assert [each.reference for each in shown.next] == [later.reference]
    assert "callback" in shown.next[0].badge.text
    assert str(wall(desk.stan).late) == "0"


def test_who_writes_again_still_waits_since_the_first_word(
    desk: SimpleNamespace, comes: Open
) -> None:
    ticket = comes(now=timezone.now() - 5 * HOUR)
    replied(ticket, desk.ana, timezone.now() - 4 * HOUR)
    assert wall(desk.sue).oldest is None


def test_it_says_how_today_goes(desk: SimpleNamespace, comes: Open) -> None:
    one, other = comes(), comes()
    now = timezone.now()
    replied(one, desk.ana, now)
    triage.set_status(ticket=other, status="solved", actor=desk.ana, now=now)
    today = wall(desk.sue).today
    assert (today.opened, today.solved, today.answered, today.share) == (2, 1, 1, 100)


def test_it_counts_who_is_there(desk: SimpleNamespace) -> None:
    now = timezone.now()
    out(desk.ana, now)
    calls.begin(direction="inbound", actor=desk.ben, now=now)
    shown = wall(desk.sue)
    assert (shown.at_work, shown.out, shown.on_calls) == (2, 1, 1)
    load = client_of(desk.sue).get("/workload/").content.decode()
    assert "on a call" in load


def test_each_sees_the_teams_they_work_in(desk: SimpleNamespace, comes: Open) -> None:
    due(comes(), timezone.now() - HOUR)
    due(comes(team=desk.billing), timezone.now() - HOUR)
    assert str(wall(desk.ana).late) == "1"
    assert str(wall(desk.ada).late) == "2"
    assert str(wall(desk.ada, f"?team={desk.billing.pk}").late) == "1"
    assert str(wall(desk.ana, f"?team={desk.billing.pk}").late) == "1"
    for stranger in (desk.eve, desk.max):
        assert client_of(stranger).get("/wall/").status_code == 403


def test_nothing_of_a_customer_is_on_it_but_the_reference(
    desk: SimpleNamespace, comes: Open
) -> None:
    ticket = comes(requester=desk.carla, subject="My divorce", body="Secret")
    due(ticket, timezone.now() + HOUR)
    shown = client_of(desk.sue).get("/wall/").content.decode()
    assert ticket.reference in shown
    for private in ("Carla", "Acme", "divorce", "Secret"):
        assert private not in shown


def test_it_says_as_of_when_and_htmx_is_given_the_numbers_alone(desk: SimpleNamespace) -> None:
    part = client_of(desk.sue).get("/wall/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "as of <time" in part


def test_an_empty_desk_is_said_in_words(desk: SimpleNamespace) -> None:
    shown = client_of(desk.sue).get("/wall/").content.decode()
    assert "No deadline is running." in shown
    assert "nobody" in shown


def test_many_tickets_cost_as_many_queries_as_few(desk: SimpleNamespace, comes: Open) -> None:
    counts = []
    client = client_of(desk.sue)
    for more in (3, 27):
        for number in range(more):
            due(comes(assignee=desk.ana), timezone.now() + number * HOUR)
            person = User.objects.create(username=f"p{more}{number}")
            Membership.objects.create(user=person, team=desk.support)
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            client.get("/wall/")
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] <= 22
