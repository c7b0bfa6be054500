"""The clocks of a ticket in words: what is left, why one stands still, who is told next."""

from collections.abc import Callable
from datetime import datetime, time
from types import SimpleNamespace

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from escalation import publishing
from escalation.models import Calendar, OpeningHours
from escalation.showing import Shown, clocks_of
from tests.escalation.conftest import DAY, HOUR, MINUTE, path, policy, sweep
from tests.factories import customer_writes, replied
from tests.routing.conftest import out
from tickets.models import Ticket
from tickets.people.models import User
from tickets.services import triage

Open = Callable[..., Ticket]
UP = ({"who": "supervisors"}, {"who": "role", "role": "executive", "delay": 5 * HOUR})


@pytest.fixture
def office(now: datetime) -> Calendar:
    """Open from 9 to 17 in New York; it is 9 o'clock there now, on a Tuesday."""
    made = Calendar.objects.create(name="Office", time_zone="America/New_York")
    for day in range(5):
        OpeningHours.objects.create(calendar=made, weekday=day, opens=time(9), closes=time(17))
    publishing.publish_calendar(calendar=made, now=now - DAY)
    return made


@pytest.fixture
def promised(desk: SimpleNamespace, office: Calendar, now: datetime, opened: Open) -> Open:
    """A ticket with ten office hours for the answer, warned of at a half, and an end to it all."""
    late, soon = path("Late", now, *UP), path("Soon", now, {"who": "assignee"})
    alarm = {"calendar": office, "path": late, "warning_path": soon, "warnings": "50%"}
    policy(
        "Careful", now - HOUR,
        {"metric": "first_reply", "duration": 10 * HOUR, **alarm},
        {"metric": "next_reply", "duration": 10 * HOUR, "pause_on": ["pending"], **alarm},
        {"metric": "resolution", "duration": 30 * HOUR, "pause_on": ["pending"], **alarm},
    )  # fmt: skip
    return lambda **fields: opened(**{"assignee": desk.ana} | fields)


def told(ticket: Ticket, metric: str, now: datetime) -> Shown:
    return next(each for each in clocks_of(ticket, now).live if each.clock.metric == metric)


def panel(user: User, ticket: Ticket, now: datetime) -> str:
    client = Client()
    with time_machine.travel(now, tick=False):
        client.force_login(user)
        answer = client.get(f"/tickets/{ticket.reference}/clocks/", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_what_is_left_is_counted_in_the_open_hours_of_the_schedule(
    desk: SimpleNamespace, promised: Open, now: datetime
) -> None:
    ticket = promised()
    first = told(ticket, "first_reply", now + 6 * HOUR)
    assert first.left is not None
    assert (first.left.length, first.left.hours) == (4 * HOUR, "Office")
    assert first.left.stretches == (
        (now + 6 * HOUR, now + 8 * HOUR), (now + DAY, now + DAY + 2 * HOUR),
    )  # fmt: skip
    assert first.closed is None
    desk.ana.time_zone = "America/New_York"
    desk.ana.save()
    page = panel(desk.ana, ticket, now + 6 * HOUR)
    assert ">4 h</time> of <bdi>Office</bdi> left, due Wed 4 Mar 2026, 11:00 EST" in page


def test_outside_hours_it_says_until_when_nothing_is_counted(
    desk: SimpleNamespace, promised: Open, now: datetime
) -> None:
    ticket, night = promised(), now + 12 * HOUR
    first = told(ticket, "first_reply", night)
    assert first.closed is not None
    assert first.closed.until == now + DAY
    assert first.left is not None
    assert first.left.length == 2 * HOUR
    page = panel(desk.ana, ticket, night)
    assert "Closed until Wed 4 Mar 2026, 14:00 UTC: nothing is counted" in page


def test_a_paused_clock_says_since_when_and_why_and_what_is_left_then(
    desk: SimpleNamespace, promised: Open, now: datetime
) -> None:
    ticket = promised()
    replied(ticket, desk.ana, now + HOUR)
    triage.set_status(ticket=ticket, status="pending", actor=desk.ana, now=now + 2 * HOUR)
    end = told(ticket, "resolution", now + 4 * HOUR)
    assert end.waits == "waiting for the customer"
    assert end.paused_since == now + 2 * HOUR
    assert end.left is not None
    assert end.left.length == 28 * HOUR
    assert end.next is None
    page = panel(desk.ana, ticket, now + 4 * HOUR)
    assert "<strong>waiting for the customer</strong>" in page
    assert "28 h of <bdi>Office</bdi> left when it goes on." in page


def test_it_names_the_person_whom_the_warning_reaches_and_then_the_team_lead(
    desk: SimpleNamespace, promised: Open, now: datetime
) -> None:
    ticket = promised()
    next_ = told(ticket, "first_reply", now + MINUTE).next
    assert next_ is not None
    assert (next_.at, next_.names, next_.reached_as) == (
        now + 5 * HOUR, ["Ana"], "who has the ticket",
    )  # fmt: skip
    sweep(now + 5 * HOUR)
    next_ = told(ticket, "first_reply", now + 5 * HOUR).next
    assert next_ is not None
    assert (next_.at, next_.names, next_.reached_as) == (now + DAY + 2 * HOUR, ["Sue"], "team lead")
    page = panel(desk.ana, ticket, now + 5 * HOUR)
    assert "tells <strong><bdi>Sue</bdi></strong> (team lead), level 1." in page


def test_a_climb_under_way_says_who_comes_after_and_who_stands_in(
    desk: SimpleNamespace, promised: Open, now: datetime
) -> None:
    ticket, late = promised(), now + DAY + 3 * HOUR
    sweep(late)
    out(desk.eve, late, ends_at=late + 9 * DAY, deputy=desk.ada)
    first = told(ticket, "first_reply", late)
    assert first.left is None
    assert first.next is not None
    assert (first.next.level, first.next.names) == (2, ["Ada"])
    assert first.next.reached_as == "executive"
    assert "Eve is out until" in first.next.remark


def test_a_promise_by_the_clock_on_the_wall_says_its_deadline_alone(
    desk: SimpleNamespace, opened: Open, now: datetime
) -> None:
    ticket = opened()
    first = told(ticket, "first_reply", now)
    assert first.left is not None
    assert first.left.stretches == ()
    page = panel(desk.sue, ticket, now)
    assert "Wed 4 Mar 2026, 14:00 UTC" in page
    assert "data-open" not in page


def test_a_late_clock_has_nothing_left_and_no_closed_hours(
    desk: SimpleNamespace, promised: Open, now: datetime
) -> None:
    ticket = promised()
    sweep(now + 2 * DAY)
    first = told(ticket, "first_reply", now + 2 * DAY + 12 * HOUR)
    assert (first.left, first.closed) == (None, None)
    assert "late by" in first.badge.text


def test_the_panel_asks_the_same_for_one_clock_and_for_many(
    desk: SimpleNamespace, promised: Open, now: datetime
) -> None:
    ticket, counts = promised(), []
    for cycle in range(2):
        panel(desk.ana, ticket, now + 3 * DAY)
        with CaptureQueriesContext(connection) as asked:
            panel(desk.ana, ticket, now + 3 * DAY)
        counts.append(len(asked))
        for number in range(6):
            at = now + cycle * DAY + number * HOUR
            customer_writes(ticket, at)
            replied(ticket, desk.ana, at + MINUTE)
    assert counts[0] == counts[1]


def test_who_is_told_next_may_be_markup_and_stays_words(
    desk: SimpleNamespace, promised: Open, now: datetime
) -> None:
    User.objects.filter(pk=desk.ana.pk).update(first_name="<i>Ana")
    assert "<strong><bdi>&lt;i&gt;Ana" in panel(desk.sue, promised(), now)
