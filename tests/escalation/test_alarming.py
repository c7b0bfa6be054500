"""Administrators hear of mail that stands still."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import time_machine

from escalation import alarming, pulse
from escalation.tasks import sweep_until_idle
from tests.escalation.conftest import HOUR, MINUTE
from tickets.inbound import services as inbound
from tickets.outbox import services as outbox
from tickets.outbox.models import Delivery, OutgoingMail
from tickets.people.models import User


def told() -> list[str]:
    alerts = OutgoingMail.objects.filter(purpose="alert").order_by("pk")
    return [each.text for each in alerts]


def test_admins_are_told_once_an_hour_while_something_is_wrong(
    cast: SimpleNamespace, now: datetime
) -> None:
    assert not alarming.tell_admins(now)
    raw = inbound.store(b"?", now, "test")
    type(raw).objects.update(state="parked")
    for minute in range(1, 60):
        alarming.tell_admins(now + minute * MINUTE)
    assert len(told()) == 1
    assert "1 mail that came in could not be used" in told()[0]
    assert set(Delivery.objects.values_list("email", flat=True)) == {cast.ada.email}
    assert alarming.tell_admins(now + HOUR + MINUTE)
    type(raw).objects.update(state="ignored")
    Delivery.objects.update(state="sent", next_try_at=None)
    assert not alarming.tell_admins(now + 3 * HOUR)
    assert len(told()) == 2


def test_who_has_just_woken_first_catches_up(cast: SimpleNamespace, now: datetime) -> None:
    inbound.store(b"?", now, "test")
    alarming.tell_admins(now)
    woken = now + 3 * HOUR
    assert not alarming.tell_admins(woken)
    assert alarming.tell_admins(woken + MINUTE)
    assert "Mail that came in 3 h ago has not been read." in told()[0]


def test_an_alarm_that_does_not_arrive_is_no_cause_for_the_next_one(
    cast: SimpleNamespace, now: datetime
) -> None:
    queue(now - 10 * MINUTE, "x@acme.example")
    User.objects.create(username="full", role="admin", email="full@company.example")
    for minute in range(6 * 60):
        alarming.tell_admins(now + minute * MINUTE)
        if minute > 2:  # everything leaves, except to a mailbox that is full
            left = Delivery.objects.exclude(email="full@company.example")
            left.update(state="sent", next_try_at=None)
    assert len(told()) == 1


def test_a_mail_refused_for_now_stands_still_only_after_an_hour(
    cast: SimpleNamespace, now: datetime
) -> None:
    queue(now, "grey@acme.example")
    Delivery.objects.update(tries=1, last_error="451 4.7.1 Try again later")
    assert pulse.read(now + 59 * MINUTE).unsent == timedelta(0)
    assert pulse.read(now + HOUR).unsent == HOUR


def queue(at: datetime, email: str) -> None:
    outbox.queue(
        purpose=OutgoingMail.Purpose.NOTICE, recipients=[outbox.Recipient(email)],
        subject="A", text="Hello", now=at,
    )  # fmt: skip


def test_the_sweep_looks(cast: SimpleNamespace, now: datetime) -> None:
    raw = inbound.store(b"?", now, "test")
    type(raw).objects.update(state="parked")
    for minute in (0, 0.5, 1, 1):
        with time_machine.travel(now + minute * MINUTE, tick=False):
            sweep_until_idle()
    assert len(told()) == 1
