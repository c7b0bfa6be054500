"""One pass: release, announce, claim, send, settle."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import DatabaseError

from tickets.outbox import services
from tickets.outbox.delivery import Courier
from tickets.outbox.models import Delivery
from tickets.outbox.services import passing
from tickets.outbox.services.settling import MOST_TRIES

from .conftest import Listener, Put, fresh, rows

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def test_what_is_released_leaves_in_the_same_pass(
    put: Put, now: datetime, mailoutbox: list[Any]
) -> None:
    put("a@x.example", release_at=now)
    put("b@x.example", release_at=now + MINUTE)
    assert services.deliver_due(now) == 1
    assert [each.recipients() for each in mailoutbox] == [["a@x.example"]]


def test_it_left_when_it_left_and_not_when_the_pass_began(
    put: Put, now: datetime, listener: Listener
) -> None:
    mails = [put("a@x.example"), put("b@x.example")]
    ticks: Iterator[int] = count(1)
    services.deliver_due(now, clock=lambda: now + next(ticks) * MINUTE)
    first, second = (fresh(mail).sent_at for mail in mails)
    assert first is not None
    assert second is not None
    assert now < first < second
    assert listener.heard[1] == ("left", mails[0].pk, first)


def test_a_pass_ends_so_that_other_work_gets_its_turn(
    put: Put, now: datetime, mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passing, "BATCH", 2)
    for number in range(7):
        put(f"a{number}@x.example")
    assert services.deliver_due(now, batches=3) == 6
    assert services.deliver_due(now, batches=3) == 1


def test_a_worker_killed_after_the_server_took_it_means_one_more_and_the_same(
    put: Put, now: datetime, mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = put("a@x.example")

    def killed(**_: Any) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(passing, "settle_sent", killed)
        with pytest.raises(KeyboardInterrupt):
            services.deliver_due(now)
    services.deliver_due(now + 4 * MINUTE)
    assert len(mailoutbox) == 1
    services.deliver_due(now + 5 * MINUTE)
    services.deliver_due(now + 60 * MINUTE)
    ids = [each.extra_headers["Message-ID"] for each in mailoutbox]
    assert ids == [mail.message_id] * 2
    assert fresh(mail).state == "sent"


def test_what_a_stopped_worker_had_not_tried_is_free_at_once(
    put: Put, now: datetime, mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    mails = [put(f"a{number}@x.example") for number in range(3)]

    def stop(self: Courier, delivery: Delivery) -> Any:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(Courier, "send", stop)
        with pytest.raises(SystemExit):
            services.deliver_due(now)
    assert services.deliver_due(now) == 2
    assert [fresh(mail).state for mail in mails] == ["released", "sent", "sent"]


def test_a_mail_that_kills_every_worker_ends_as_a_dead_letter(
    put: Put, now: datetime, monkeypatch: pytest.MonkeyPatch, listener: Listener
) -> None:
    mail, at, sends = put("a@x.example"), now, []

    def stop(self: Courier, delivery: Delivery) -> Any:
        sends.append(delivery.pk)
        raise SystemExit

    monkeypatch.setattr(Courier, "send", stop)
    while fresh(mail).state != "dead":
        try:
            services.deliver_due(at)
        except SystemExit:
            at += 5 * MINUTE
    assert len(sends) == MOST_TRIES
    assert listener.of(mail) == ["dead"]


def test_a_row_that_cannot_be_settled_does_not_stop_the_others(
    put: Put, now: datetime, mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, fine = put("a@x.example"), put("b@x.example")
    settle = passing.settle_sent

    def fail(*, delivery: Delivery, now: datetime) -> bool:
        if delivery.mail_id == broken.pk:
            raise DatabaseError("deadlock")
        return settle(delivery=delivery, now=now)

    monkeypatch.setattr(passing, "settle_sent", fail)
    services.deliver_due(now)
    assert (fresh(broken).state, fresh(fine).state) == ("released", "sent")
    assert rows(broken).a.state == "sending"


def test_an_owner_who_fails_does_not_stop_the_others(
    put: Put, now: datetime, mailoutbox: list[Any], listener: Listener
) -> None:
    mails = [put(f"a{n}@x.example", subject="Broken" if n == 1 else "Fine") for n in range(3)]
    listener.fails_for = {"Broken"}
    assert services.deliver_due(now) == 3
    services.deliver_due(now + timedelta(days=1))
    assert len(mailoutbox) == 3
    assert [listener.of(mail) for mail in mails] == [["left"], [], ["left"]]
