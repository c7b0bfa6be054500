"""Writing down how a delivery ended, and who is told."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from tickets.outbox import services, signals
from tickets.outbox.models import Delivery, OutgoingMail
from tickets.outbox.services.settling import DELAYS, MOST_TRIES

from .conftest import Listener, Put, fresh, rows

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def claimed(mail: OutgoingMail, name: str, now: datetime) -> Delivery:
    """The delivery to ``name@…``, claimed and begun; the others stay due."""
    found = {row.email.partition("@")[0]: row for row in services.claim(now=now, limit=99)}
    mine = found.pop(name)
    services.put_back(deliveries=found.values(), at=now)
    assert mine.mail_id == mail.pk
    assert services.begin(delivery=mine, now=now)
    return mine


def accept(mail: OutgoingMail, name: str, now: datetime) -> None:
    assert services.settle_sent(delivery=claimed(mail, name, now), now=now)


def refuse(mail: OutgoingMail, name: str, now: datetime, error: str = "550 no") -> None:
    row = claimed(mail, name, now)
    assert services.settle_failed(delivery=row, now=now, error=error, permanent=True)


def test_the_first_recipient_who_has_it_makes_it_sent_and_is_told_once(
    put: Put, now: datetime, listener: Listener
) -> None:
    mail = put("a@x.example", "b@x.example")
    accept(mail, "a", now)
    assert (fresh(mail).state, fresh(mail).sent_at, fresh(mail).announced_at) == ("sent", now, now)
    accept(mail, "b", now + MINUTE)
    assert fresh(mail).sent_at == now
    assert listener.of(mail) == ["left"]
    assert rows(mail).b.sent_at == now + MINUTE


def test_the_owner_locks_before_anything_is_changed(put: Put, now: datetime) -> None:
    mail, seen = put("a@x.example"), []

    def look(mail: OutgoingMail, **_: object) -> None:
        seen.append((rows(mail).a.state, fresh(mail).state))

    signals.locking.connect(look)
    accept(mail, "a", now)
    signals.locking.disconnect(look)
    assert seen == [("sending", "released")]


def test_a_copy_alone_does_not_make_it_sent(put: Put, now: datetime, listener: Listener) -> None:
    mail = put("a@x.example", "cc:boss@x.example")
    accept(mail, "boss", now)
    assert (fresh(mail).state, listener.heard) == ("released", [])
    accept(mail, "a", now)
    assert (fresh(mail).state, listener.of(mail)) == ("sent", ["left"])


def test_it_is_dead_when_nobody_it_was_written_to_can_be_reached(
    put: Put, now: datetime, listener: Listener
) -> None:
    mail = put("a@x.example", "b@x.example", "cc:boss@x.example")
    accept(mail, "boss", now)
    refuse(mail, "a", now)
    assert (fresh(mail).state, listener.of(mail)) == ("released", [])
    refuse(mail, "b", now + MINUTE)
    assert (fresh(mail).state, fresh(mail).announced_at) == ("dead", now + MINUTE)
    assert listener.of(mail) == ["dead"]


def test_a_dead_copy_leaves_a_sent_mail_sent(put: Put, now: datetime, listener: Listener) -> None:
    mail = put("a@x.example", "cc:boss@x.example")
    accept(mail, "a", now)
    refuse(mail, "boss", now)
    assert (fresh(mail).state, listener.of(mail)) == ("sent", ["left"])


def test_without_anybody_it_is_written_to_the_copies_decide(
    put: Put, now: datetime, listener: Listener
) -> None:
    first, second = put("cc:a@x.example", "bcc:b@x.example"), put("cc:c@x.example")
    accept(first, "b", now)
    refuse(second, "c", now)
    assert (fresh(first).state, fresh(second).state) == ("sent", "dead")


def test_it_is_tried_for_a_day_with_growing_delays_and_then_given_up(
    put: Put, now: datetime, listener: Listener
) -> None:
    mail = put("a@x.example")
    tries, at = [now], now
    while (row := rows(mail).a).state == "waiting":
        assert row.next_try_at is not None
        at = row.next_try_at
        mine = claimed(mail, "a", at)
        tries.append(at)
        services.settle_failed(delivery=mine, now=at, error="451 later", permanent=False)
        assert rows(mail).a.last_error == "451 later"
    waits = [later - earlier for earlier, later in pairwise(tries[1:])]
    assert len(tries) - 1 == MOST_TRIES == 10
    assert waits == sorted(waits) == [timedelta(minutes=minutes) for minutes in DELAYS]
    assert timedelta(hours=20) < at - now < timedelta(hours=30)
    assert (rows(mail).a.state, fresh(mail).state, listener.of(mail)) == ("dead", "dead", ["dead"])


@pytest.mark.parametrize("kind", ["locking", "left"])
def test_an_owner_who_fails_cannot_unsend_a_mail(
    put: Put, now: datetime, listener: Listener, kind: str
) -> None:
    mail = put("a@x.example", subject="Broken")
    listener.fails_for, listener.fails_at = {"Broken"}, {kind}
    accept(mail, "a", now)
    assert (fresh(mail).state, fresh(mail).sent_at, rows(mail).a.state) == ("sent", now, "sent")
    assert fresh(mail).announced_at is None
    assert services.claim(now=now + timedelta(days=1), limit=9) == []


def test_an_owner_who_fails_is_told_again_after_growing_delays(
    put: Put, now: datetime, listener: Listener
) -> None:
    mail = put("a@x.example", subject="Broken")
    listener.fails_for = {"Broken"}
    accept(mail, "a", now)
    attempts, at = [], now
    for _ in range(9):
        due = fresh(mail).announce_at
        assert due is not None
        assert services.announce_pending(now=due - timedelta(microseconds=1)) == 0
        attempts.append(due - at)
        at = due
        assert services.announce_pending(now=at) == 0
    minutes = [wait / MINUTE for wait in attempts]
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    listener.fails_for = set()
    due = fresh(mail).announce_at
    assert due is not None
    assert services.announce_pending(now=due) == 1
    assert services.announce_pending(now=due + timedelta(days=1)) == 0
    assert listener.of(mail) == ["left"]
    # The instant of the fact is when it left, however late the owner hears of it.
    assert ("left", mail.pk, now) in listener.heard


def test_a_failing_owner_does_not_stand_before_the_others(
    put: Put, now: datetime, listener: Listener
) -> None:
    listener.fails_for = {"Broken", "Fine"}
    broken = [put("a@x.example", subject="Broken") for _ in range(3)]
    fine = put("a@x.example", subject="Fine")
    for row in services.claim(now=now, limit=9):
        services.settle_sent(delivery=row, now=now)
    listener.fails_for = {"Broken"}
    assert services.announce_pending(now=now + MINUTE, limit=3) == 0
    assert services.announce_pending(now=now + MINUTE, limit=3) == 1
    assert listener.of(fine) == ["left"]
    assert [listener.of(mail) for mail in broken] == [[], [], []]


def test_an_error_with_nul_or_without_end_is_kept_as_far_as_it_can_be(
    put: Put, now: datetime
) -> None:
    mail = put("a@x.example")
    refuse(mail, "a", now, error="550 \x00" + "x" * 9999)
    assert rows(mail).a.last_error == "550 " + "x" * 1996


def test_a_dead_mail_is_sent_again_to_those_who_do_not_have_it(
    put: Put, now: datetime, listener: Listener
) -> None:
    mail = put("a@x.example", "cc:boss@x.example")
    accept(mail, "boss", now)
    refuse(mail, "a", now)
    assert services.resend(mail=mail, now=now + MINUTE) == 1
    assert (fresh(mail).state, rows(mail).a.tries) == ("released", 0)
    accept(mail, "a", now + MINUTE)
    assert (fresh(mail).state, fresh(mail).sent_at) == ("sent", now + MINUTE)
    assert listener.of(mail) == ["dead", "left"]
    assert services.resend(mail=mail, now=now) == 0


def test_resending_a_dead_copy_does_not_touch_a_sent_mail(
    put: Put, now: datetime, listener: Listener
) -> None:
    mail = put("a@x.example", "cc:boss@x.example")
    accept(mail, "a", now)
    refuse(mail, "boss", now)
    assert services.resend(mail=mail, now=now) == 1
    accept(mail, "boss", now + MINUTE)
    assert (fresh(mail).sent_at, listener.of(mail)) == (now, ["left"])


def test_what_dies_again_is_told_again(put: Put, now: datetime, listener: Listener) -> None:
    mail = put("a@x.example")
    refuse(mail, "a", now)
    services.resend(mail=mail, now=now)
    refuse(mail, "a", now)
    assert listener.of(mail) == ["dead", "dead"]
