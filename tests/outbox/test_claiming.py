"""Taking deliveries for sending."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tickets.outbox import services
from tickets.outbox.models import Delivery
from tickets.outbox.services import claiming

from .conftest import Put, rows

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def test_what_is_claimed_is_nobody_elses_until_the_lease_ends(put: Put, now: datetime) -> None:
    put("a@x.example")
    [mine] = services.claim(now=now, limit=10)
    assert services.claim(now=now + 5 * MINUTE - timedelta(microseconds=1), limit=10) == []
    [theirs] = services.claim(now=now + 5 * MINUTE, limit=10)
    assert theirs.pk == mine.pk
    assert theirs.claim != mine.claim


def test_the_oldest_come_first_and_no_more_than_asked_for(put: Put, now: datetime) -> None:
    newer = put("b@x.example", "c@x.example", now=now)
    older = put("a@x.example", now=now - MINUTE)
    claimed = services.claim(now=now, limit=2)
    assert [row.email for row in claimed] == ["a@x.example", "b@x.example"]
    assert [row.mail_id for row in claimed] == [older.pk, newer.pk]


def test_held_sent_and_dead_rows_are_not_claimed(put: Put, now: datetime) -> None:
    put("a@x.example", release_at=now + MINUTE)
    mail = put("b@x.example", "c@x.example")
    Delivery.objects.filter(pk=rows(mail).b.pk).update(state="sent", next_try_at=None)
    Delivery.objects.filter(pk=rows(mail).c.pk).update(state="dead", next_try_at=None)
    assert services.claim(now=now + 2 * MINUTE, limit=10) == []


def test_claiming_costs_the_same_for_3_and_30(put: Put, now: datetime) -> None:
    def cost(count: int) -> int:
        for _ in range(count):
            put("a@x.example", "cc:b@x.example")
        with CaptureQueriesContext(connection) as context:
            for row in services.claim(now=now, limit=count * 2):
                assert len(row.mail.deliveries.all()) == 2
        return len(context)

    assert cost(3) == cost(30)


def test_a_try_is_counted_before_it_is_made_and_renews_the_lease(put: Put, now: datetime) -> None:
    mail = put("a@x.example")
    [row] = services.claim(now=now, limit=1)
    assert services.begin(delivery=row, now=now + 4 * MINUTE)
    assert row.tries == rows(mail).a.tries == 1
    assert services.claim(now=now + 8 * MINUTE, limit=1) == []


def test_who_lost_the_claim_neither_tries_nor_settles(put: Put, now: datetime) -> None:
    mail = put("a@x.example")
    [slow] = services.claim(now=now, limit=1)
    [quick] = services.claim(now=now + 6 * MINUTE, limit=1)
    assert not services.begin(delivery=slow, now=now)
    assert not services.settle_sent(delivery=slow, now=now)
    assert not services.settle_failed(delivery=slow, now=now, error="no", permanent=True)
    assert not services.settle_failed(delivery=slow, now=now, error="no", permanent=False)
    assert services.put_back(deliveries=[slow], at=now) == 0
    assert (rows(mail).a.state, rows(mail).a.claim) == ("sending", quick.claim)
    assert services.settle_sent(delivery=quick, now=now)


def test_what_was_not_tried_goes_back_uncounted(put: Put, now: datetime) -> None:
    mail = put("a@x.example")
    claimed = services.claim(now=now, limit=1)
    assert services.put_back(deliveries=claimed, at=now + MINUTE, because="server down") == 1
    row = rows(mail).a
    assert (row.state, row.claim, row.tries, row.next_try_at) == ("waiting", None, 0, now + MINUTE)
    assert row.last_error == "server down"
    assert services.put_back(deliveries=[], at=now) == 0


def test_the_lease_outlasts_every_timeout_of_one_conversation(settings: Any) -> None:
    settings.EMAIL_TIMEOUT = 20
    assert claiming.lease() == timedelta(minutes=5)
    settings.EMAIL_TIMEOUT = 300
    assert claiming.lease() == timedelta(minutes=50)
    settings.EMAIL_TIMEOUT = None
    assert claiming.lease() == timedelta(minutes=5)
