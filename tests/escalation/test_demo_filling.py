"""The rest of the demonstration's history comes in while the desk is open."""

import random
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import OperationalError, connection

from escalation.defaults import install_defaults
from escalation.demo import filling
from escalation.demo.history import AT_WORK, History, draw
from escalation.demo.mailbox import Mailbox, in_the_past
from escalation.demo.outages import THE_HUB, break_down
from escalation.demo.people import Company, found
from escalation.incidents.models import Incident
from escalation.models import Clock, Escalation
from tests.escalation.conftest import DAY, HOUR, sweep
from tickets.models import Ticket
from tickets.people.models import User
from tickets.services.opening import open_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def northlight(now: datetime) -> Company:
    company = found(now - 20 * DAY, random.Random(7))
    install_defaults(now=now - 20 * DAY)
    return company


def stopped_when(left: int) -> tuple[Callable[[int], None], threading.Event]:
    stopping = threading.Event()

    def told(still: int) -> None:
        if still == left:
            stopping.set()

    return told, stopping


def test_stopped_between_two_it_goes_on_there_and_tells_each_once(
    northlight: Company, now: datetime
) -> None:
    filling.plan(8, now)
    filling.fill(northlight, *stopped_when(5))
    assert (Ticket.objects.count(), filling.missing()) == (3, 5)
    heard: list[int] = []
    filling.fill(northlight, heard.append)
    assert (Ticket.objects.count(), filling.missing(), heard) == (8, 0, [4, 3, 2, 1, 0])
    filling.fill(northlight, heard.append)
    assert Ticket.objects.count() == 8


def test_a_story_that_breaks_leaves_nothing_of_itself_and_the_next_is_told(
    northlight: Company, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    filling.plan(12, now)
    del northlight.categories["Fault"]
    filling.fill(northlight, lambda left: None)
    broken = sum("could not be told" in record.message for record in caplog.records)
    assert 0 < broken < 12
    assert (Ticket.objects.count(), filling.missing()) == (12 - broken, 0)


def test_a_story_that_finds_the_database_in_other_hands_is_told_again(
    northlight: Company, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "PATIENCE", 0)
    monkeypatch.setattr(filling, "BREATH", 0)
    refused: list[str] = []

    def busy(execute: Any, sql: str, *arguments: Any) -> Any:
        if len(refused) < 3 and sql.startswith('INSERT INTO "tickets_message"'):
            refused.append(sql)
            raise OperationalError("database is locked")
        return execute(sql, *arguments)

    filling.plan(4, now)
    heard: list[int] = []
    with connection.execute_wrapper(busy):
        filling.fill(northlight, heard.append, threading.Event())
    assert len(refused) == 3
    assert (Ticket.objects.count(), filling.missing(), heard) == (4, 0, [3, 2, 1, 0])


def test_somebody_who_leaves_while_it_fills_is_given_nothing_more(
    northlight: Company, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    filling.plan(12, now)
    User.objects.filter(role="agent").exclude(username="ben").update(is_active=False)
    filling.fill(northlight, lambda left: None)
    assert not caplog.records
    assert Ticket.objects.count() == 12
    assert not Ticket.objects.filter(assignee__is_active=False).exists()


def test_what_happens_to_other_tickets_meanwhile_is_left_alone(
    northlight: Company, now: datetime
) -> None:
    ticket = open_ticket(
        subject="It hums", body="Still.", requester=northlight.contacts[0], channel="email",
        category=northlight.categories["Product question"], now=now,
    )  # fmt: skip
    sweep(now + DAY)
    theirs = Escalation.objects.filter(ticket=ticket)
    assert theirs.filter(state="open").exists()
    before = list(theirs.order_by("pk").values())
    filling.plan(6, now + DAY)
    filling.fill(northlight, lambda left: None)
    assert list(theirs.order_by("pk").values()) == before
    assert Escalation.objects.exclude(ticket=ticket).exists()


def test_its_clocks_stand_as_a_sweep_would_have_left_them(
    northlight: Company, now: datetime
) -> None:
    filling.plan(10, now)
    filling.fill(northlight, lambda left: None)
    assert Clock.objects.filter(state="running").exists()
    assert not Clock.objects.filter(next_step_at__lte=now).exists()
    assert set(Ticket.objects.values_list("status", flat=True)) >= {"solved", "closed"}


def test_passing_over_idle_hours_changes_no_story(northlight: Company, now: datetime) -> None:
    """The same dice, with and without the looks at which nothing is due."""

    class Patient(History):
        def _live_until(self, at: datetime) -> None:
            while self.tick + HOUR / 2 < at:
                self.tick += HOUR / 2
                self._let_time_pass(self.tick)

    told = []
    for kind in (History, Patient):
        dice = random.Random(5)
        last = Ticket.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        kind(northlight, now, dice, alone=True).play(draw(dice, AT_WORK, 4), lambda done, of: None)
        fresh = Ticket.objects.filter(pk__gt=last).order_by("pk")
        events = [list(one.events.order_by("pk").values_list("kind", "at")) for one in fresh]
        told.append(events)
    assert told[0] == told[1]
    assert len(told[0]) == 4


def test_mail_of_the_past_is_kept_nowhere(settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_FILE_PATH = str(tmp_path / "sent")
    said = mail.EmailMessage("Hello", "There", "us@x.example", ["you@x.example"])
    with in_the_past():
        assert Mailbox().send_messages([said]) == 1
    assert not list((tmp_path / "sent").glob("*"))
    assert Mailbox().send_messages([said]) == 1
    assert len(list((tmp_path / "sent").glob("*"))) == 1


def test_its_open_tickets_about_the_hub_are_linked_to_the_incident(
    northlight: Company, now: datetime
) -> None:
    for subject in (THE_HUB, "Another lamp"):
        open_ticket(
            subject=subject, body="Still.", requester=northlight.contacts[0], channel="email",
            category=northlight.categories["Fault"], now=now,
        )  # fmt: skip
    break_down(northlight, now)
    linked = Incident.objects.open().get().affected.values_list("ticket__subject", flat=True)
    assert list(linked) == [THE_HUB]
