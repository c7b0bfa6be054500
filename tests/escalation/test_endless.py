"""A schedule that nobody can keep costs no mail: the ticket opens, and a person is asked."""

import logging
from collections.abc import Callable
from datetime import datetime, time

import pytest
from django.test import Client
from django.urls import reverse

from escalation import publishing
from escalation.models import Calendar, ClockStep, Escalation, OpeningHours
from tests.escalation.conftest import DAY, HOUR, MINUTE, clock, path, policy, sweep
from tests.escalation.test_raising import alerts, told
from tests.factories import replied
from tickets.models import Ticket
from tickets.services import triage

Open = Callable[..., Ticket]


@pytest.fixture
def tiny(desk, now: datetime) -> Calendar:
    """A minute a week."""
    return calendar(time(9, 1), now)


def calendar(closes: time, now: datetime) -> Calendar:
    made = Calendar.objects.create(name="Tiny", time_zone="UTC")
    OpeningHours.objects.create(calendar=made, weekday=0, opens=time(9), closes=closes)
    publishing.publish_calendar(calendar=made, now=now)
    return made


def test_a_ticket_opens_and_a_person_hears_that_it_has_no_deadline(
    desk, tiny: Calendar, opened: Open, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    policy("T", now, {"metric": "first_reply", "duration": 10000 * HOUR, "calendar": tiny})
    ticket = opened()
    with caplog.at_level(logging.ERROR):
        sweep(now)
    first = clock(ticket, "first_reply")
    assert (first.state, first.due_at, first.next_step_at) == ("running", None, None)
    (flag,) = ticket.escalations.all()
    assert flag.trigger == "flag"
    assert flag.because == (
        "The first reply has no deadline: the open hours of Tiny never add up to 10000 h, as "
        "T (version 1) asks. Somebody has to see to it, and an admin to the schedule."
    )
    assert ticket.events.get(kind="flagged").data == {"because": flag.because}
    assert told(ticket)[0][0] == "flag"
    assert alerts()
    assert flag.because in caplog.text


def test_a_person_is_asked_once_however_often_the_ticket_changes(
    desk, tiny: Calendar, opened: Open, now: datetime
) -> None:
    policy("T", now, {"metric": "first_reply", "duration": 10000 * HOUR, "calendar": tiny})
    ticket = opened()
    sweep(now)
    triage.set_priority(ticket=ticket, priority="urgent", actor=desk.ana, now=now + MINUTE)
    sweep(now + HOUR)
    assert ticket.escalations.filter(trigger="flag").count() == 1
    assert ClockStep.objects.filter(kind="endless").count() == 1
    replied(ticket, desk.ana, now + 2 * HOUR)
    assert clock(ticket, "first_reply").state == "met"


def test_other_promises_of_the_same_schedule_are_kept_as_ever(
    desk, tiny: Calendar, opened: Open, now: datetime
) -> None:
    policy(
        "T", now, {"metric": "first_reply", "duration": 10000 * HOUR, "calendar": tiny},
        {"metric": "resolution", "duration": DAY, "path": path("Way", now, {"who": "admins"})},
    )  # fmt: skip
    ticket = opened()
    sweep(now + DAY + MINUTE)
    assert clock(ticket, "resolution").state == "breached"
    assert ("breach", 1, 0, ["Ada"]) in told(ticket)


def test_hours_narrowed_under_running_clocks_ask_a_person_too(
    desk, opened: Open, now: datetime
) -> None:
    made = calendar(time(17), now)
    policy("T", now, {"metric": "first_reply", "duration": 10000 * HOUR, "calendar": made})
    ticket = opened()
    sweep(now)
    assert clock(ticket, "first_reply").due_at
    made.hours.update(closes=time(9, 1))
    publishing.publish_calendar(calendar=made, now=now + HOUR)
    sweep(now + HOUR)
    assert clock(ticket, "first_reply").due_at is None
    assert Escalation.objects.filter(ticket=ticket, trigger="flag").exists()


def test_a_level_whose_hours_never_come_is_told_all_the_same(
    desk, tiny: Calendar, opened: Open, now: datetime
) -> None:
    way = path("Way", now, {"who": "admins", "delay": 10000 * HOUR, "calendar": tiny})
    policy("T", now, {"metric": "first_reply", "duration": HOUR, "path": way})
    ticket = opened()
    sweep(now + HOUR + MINUTE)
    assert clock(ticket, "first_reply").state == "breached"
    sweep(now + 10002 * HOUR)
    assert told(ticket) == [("breach", 1, 0, ["Ada"])]


def test_the_page_says_that_there_is_no_deadline_and_why(
    desk, tiny: Calendar, opened: Open, now: datetime, client: Client
) -> None:
    policy("T", now, {"metric": "first_reply", "duration": 10000 * HOUR, "calendar": tiny})
    ticket = opened()
    sweep(now)
    client.force_login(desk.ana)
    page = client.get(reverse("clocks-panel", args=[ticket.reference])).content.decode()
    assert "no deadline" in page
    why = reverse("clock-why", args=[ticket.reference, clock(ticket, "first_reply").pk])
    assert "never add up to 10000 h" in client.get(why).content.decode()
