"""Rows become what the engine counts by, also where this machine has lost a zone of theirs."""

import logging
from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from escalation import alarming, loading, publishing
from escalation.models import Calendar, CalendarVersion
from tests.escalation.conftest import HOUR, MINUTE, clock, policy, sweep
from tickets.models import Ticket
from tickets.outbox.models import OutgoingMail

Open = Callable[..., Ticket]
LOST = (
    "The time zone Mars/Olympus of the calendar «Office hours» is unknown here: its hours count in "
    "UTC until tzdata is mended."
)


@pytest.fixture
def office(desk) -> Calendar:
    """Published in a zone that has vanished since, as an update of tzdata may do."""
    version = CalendarVersion.objects.get(calendar__name="Office hours")
    version.spec["zone"] = "Mars/Olympus"
    version.save()
    publishing.announce()
    return version.calendar


def test_a_zone_that_vanished_stops_no_opening_and_no_sweep(
    office: Calendar, opened: Open, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    policy("Open", now, {"metric": "first_reply", "duration": HOUR, "calendar": office})
    with caplog.at_level(logging.ERROR):
        ticket = opened()
    assert clock(ticket, "first_reply").due_at == now + HOUR
    sweep(now + HOUR + MINUTE)
    assert clock(ticket, "first_reply").state == "breached"
    assert LOST in caplog.text


def test_a_zone_that_vanished_degrades_the_service_and_is_said(
    office: Calendar, now: datetime, client: Client
) -> None:
    assert loading.current().lost == [LOST]
    sweep(now)
    answer = client.get("/readyz").json()
    assert (answer["degraded"], LOST in answer["warnings"]) == (True, True)
    at = timezone.now()
    for minute in range(3):
        alarming.tell_admins(at + minute * MINUTE)
    assert LOST in OutgoingMail.objects.get(subject__contains="needs an administrator").text


def test_nothing_is_lost_while_every_zone_is_known(desk) -> None:
    assert loading.current().lost == []
