"""Letting held mail go."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tickets.outbox import services
from tickets.outbox.models import Delivery, OutgoingMail

from .conftest import Listener, Put, fresh, rows

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def test_it_is_released_at_its_instant_and_not_before(put: Put, now: datetime) -> None:
    mail = put("a@x.example", release_at=now + MINUTE)
    assert services.release_due(now=now + MINUTE - timedelta(microseconds=1)) == 0
    assert services.release_due(now=now + MINUTE) == 1
    assert (fresh(mail).state, fresh(mail).released_at) == ("released", now + MINUTE)
    assert rows(mail).a.next_try_at == now + MINUTE
    assert services.release_due(now=now + MINUTE) == 0


def test_what_should_have_left_first_leaves_first(put: Put, now: datetime) -> None:
    late = [put("a@x.example", release_at=now + n * MINUTE) for n in (3, 1, 2)]
    services.release_due(now=now + 9 * MINUTE, limit=2)
    assert [fresh(mail).state for mail in late] == ["held", "released", "released"]


def test_a_mail_to_nobody_is_sent_the_moment_it_is_released(
    put: Put, now: datetime, listener: Listener
) -> None:
    mail = put(release_at=now)
    assert services.release_due(now=now) == 1
    assert (fresh(mail).state, fresh(mail).sent_at, fresh(mail).announced_at) == ("sent", now, now)
    assert listener.heard == [("locking", mail.pk), ("left", mail.pk, now)]


@pytest.mark.parametrize("kind", ["locking", "left"])
def test_an_owner_who_fails_holds_up_nothing(
    put: Put, now: datetime, listener: Listener, kind: str
) -> None:
    broken = put(subject="Broken", release_at=now)
    fine = [put(release_at=now + MINUTE), put("a@x.example", release_at=now + MINUTE)]
    listener.fails_for, listener.fails_at = {"Broken"}, {kind}
    assert services.release_due(now=now + MINUTE) == 3
    assert [fresh(mail).state for mail in [broken, *fine]] == ["sent", "sent", "released"]
    assert fresh(broken).announced_at is None
    listener.fails_for = set()
    services.announce_pending(now=now + 2 * MINUTE)
    assert listener.of(broken) == ["left"]


def test_releasing_many_costs_as_many_queries_as_releasing_three(put: Put, now: datetime) -> None:
    def cost(count: int) -> int:
        for _ in range(count):
            put("a@x.example", "b@x.example", release_at=now)
        with CaptureQueriesContext(connection) as context:
            assert services.release_due(now=now) == count
        return len(context)

    assert cost(3) == cost(30)
    assert not Delivery.objects.filter(next_try_at=None).exists()


def test_other_mails_of_the_same_hour_stay_held(put: Put, now: datetime) -> None:
    put("a@x.example", release_at=now)
    later = put("a@x.example", release_at=now + MINUTE)
    services.release_due(now=now)
    assert rows(later).a.next_try_at is None
    assert OutgoingMail.objects.filter(state="held").get() == later
