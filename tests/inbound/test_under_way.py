"""A mail that is being read, and one whose reading outlasts its worker."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from tests.inbound.conftest import eml
from tickets.inbound import services, tasks
from tickets.inbound.models import RawMail
from tickets.inbound.parsing import ParsedMail, parse


def test_a_mail_under_way_is_not_taken_up_by_the_next_ticks(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    raw = services.store(eml("plain"), now, "pipe")
    taken: list[int] = []

    def tick_meanwhile(content: bytes) -> ParsedMail:
        for seconds in (1, 10, 60, 120, int(services.UNDER_WAY.total_seconds()) - 1):
            taken.append(services.process_waiting(now + timedelta(seconds=seconds)))
        return parse(content)

    monkeypatch.setattr(services, "parse", tick_meanwhile)
    assert services.process(raw, now).state == "processed"
    assert taken == [0] * 5
    assert raw.attempts == 1


def test_a_mail_that_outlasts_its_worker_fails_and_ends_the_pass(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    services.store(eml("plain"), now, "pipe")
    services.store(eml("koi8"), now, "pipe")
    at = [now]

    def outlast(raw: bytes) -> None:
        at[0] += timedelta(seconds=60)
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(services, "parse", outlast)
    assert services.process_waiting(now, clock=lambda: at[0]) == 1
    assert list(RawMail.objects.order_by("pk").values_list("state", "attempts")) == [
        ("failed", 1),
        ("stored", 0),
    ]


def test_a_task_ends_before_its_mail_may_be_taken_up_by_another() -> None:
    soft, hard = tasks.process_waiting.soft_time_limit, tasks.process_waiting.time_limit
    longest = services.LONGEST_PASS.total_seconds() + hard
    assert soft < hard < longest < services.UNDER_WAY.total_seconds()
