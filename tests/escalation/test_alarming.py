"""Administrators hear of mail that stands still."""

from datetime import datetime
from types import SimpleNamespace

import time_machine

from escalation import alarming
from escalation.tasks import sweep_until_idle
from tests.escalation.conftest import HOUR, MINUTE
from tickets.inbound import services as inbound
from tickets.outbox.models import Delivery, OutgoingMail


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


def test_the_sweep_looks(cast: SimpleNamespace, now: datetime) -> None:
    raw = inbound.store(b"?", now, "test")
    type(raw).objects.update(state="parked")
    for minute in (0, 0.5, 1, 1):
        with time_machine.travel(now + minute * MINUTE, tick=False):
            sweep_until_idle()
    assert len(told()) == 1
