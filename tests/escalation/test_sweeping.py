"""Passes without a broker, and two of them at once."""

import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone

from escalation.defaults import install_defaults
from escalation.models import ClockStep, EscalationStep, Pulse
from escalation.raising import raise_next
from escalation.tasks import sweep
from tests.escalation.conftest import DAY, MINUTE, clock
from tickets.models import Ticket, TicketEvent
from tickets.outbox.models import OutgoingMail

Open = Callable[..., Ticket]


def test_the_command_acts_on_what_is_due_and_delivers(
    desk, opened: Open, capsys: pytest.CaptureFixture[str], mailoutbox
) -> None:
    ticket = opened(now=timezone.now() - DAY - MINUTE)
    call_command("sweep")
    assert clock(ticket, "first_reply").state == "breached"
    assert "Late: How does it work?" in " ".join(mail.subject for mail in mailoutbox)
    assert "Swept" in capsys.readouterr().out
    assert Pulse.objects.get(name="sweep").acted == 1


def test_a_senseless_interval_is_refused(db: None) -> None:
    with pytest.raises(CommandError):
        call_command("sweep", loop=True, every=0.0)


def test_the_task_is_the_same_pass(desk, opened: Open) -> None:
    ticket = opened(now=timezone.now() - DAY - MINUTE)
    assert sweep() == 1
    assert clock(ticket, "first_reply").state == "breached"


@pytest.mark.django_db(transaction=True)
def test_four_sweeps_at_once_act_once(
    cast, opened: Open, now: datetime, request: pytest.FixtureRequest
) -> None:
    install_defaults(now=now)
    tickets = [opened() for _ in range(24)]
    start, problems = threading.Barrier(4), []

    def run() -> None:
        try:
            start.wait(10)
            while raise_next(now + DAY + MINUTE, limit=3):
                pass
        except Exception as problem:
            problems.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    while raise_next(now + DAY + MINUTE):
        pass
    assert problems == []
    count = len(tickets)
    assert ClockStep.objects.filter(kind="breach").count() == count
    assert EscalationStep.objects.filter(passed_over=False).count() == count
    assert TicketEvent.objects.filter(kind="breached").count() == count
    assert OutgoingMail.objects.filter(purpose="alert").count() == count


@pytest.mark.django_db(transaction=True)
def test_a_ticket_somebody_holds_is_left_for_later_and_blocks_nobody(
    cast, opened: Open, now: datetime
) -> None:
    if not connection.features.has_select_for_update_skip_locked:
        pytest.skip("one writer at a time: there is nobody to skip")
    install_defaults(now=now)
    held, free = opened(), opened()
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        link = connections["default"]
        link.set_autocommit(False)
        list(Ticket.objects.select_for_update().filter(pk=held.pk))
        holding.set()
        done.wait(30)
        link.rollback()
        connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    assert holding.wait(10)
    try:
        while raise_next(now + DAY + MINUTE):
            pass
        assert clock(free, "first_reply").state == "breached"
        assert clock(held, "first_reply").state == "running"
    finally:
        done.set()
        thread.join(10)
    assert raise_next(now + DAY + MINUTE)
    assert clock(held, "first_reply").state == "breached"


class Killed(BaseException):
    """A worker that is gone in the middle: nothing after it runs."""


@pytest.mark.parametrize("at", ["_store_clocks", "_store_climbs", "_show", "_involve"])
def test_a_worker_that_dies_in_the_middle_leaves_everything_to_the_next(
    desk, opened: Open, now: datetime, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    tickets = [opened() for _ in range(3)]

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(f"escalation.deeds.Deeds.{at}", die)
        with pytest.raises(Killed):
            raise_next(now + DAY + MINUTE)
    assert not ClockStep.objects.exists()
    assert not OutgoingMail.objects.filter(purpose="alert").exists()
    while raise_next(now + DAY + MINUTE):
        pass
    assert OutgoingMail.objects.filter(purpose="alert").count() == len(tickets)
