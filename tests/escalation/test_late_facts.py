"""A mail that was received early and read late: what was recorded of a wait stays that wait's."""

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace

from escalation.models import Clock, Escalation, Path
from tests.escalation.conftest import DAY, HOUR, MINUTE, clock, policy, sweep
from tests.factories import customer_writes, replied
from tickets.models import Ticket

Opened = Callable[..., Ticket]


def answered_twice(opened: Opened, desk: SimpleNamespace, now: datetime) -> Ticket:
    policy(
        "Answers only", now,
        {"metric": "first_reply", "duration": DAY},
        {
            "metric": "next_reply", "duration": HOUR,
            "path": Path.objects.get(name="Late answers"),
        },
    )  # fmt: skip
    ticket = opened()
    for minutes in (1, 30):
        replied(ticket, desk.ana, now + minutes * MINUTE)
        ticket.refresh_from_db()
    return ticket


def breaches(ticket: Ticket) -> list[datetime]:
    return list(ticket.events.filter(kind="breached").values_list("at", flat=True))


def test_an_answered_wait_learned_late_leaves_the_broken_one_as_it_is(
    desk: SimpleNamespace, opened: Opened, now: datetime
) -> None:
    ticket = answered_twice(opened, desk, now)
    customer_writes(ticket, now + HOUR)
    sweep(now + 2 * HOUR + MINUTE)
    first = clock(ticket, "next_reply")
    customer_writes(ticket, now + 3 * HOUR, received_at=now + 5 * MINUTE)
    sweep(now + 3 * HOUR + MINUTE)
    again = clock(ticket, "next_reply")
    assert (again.started_at, again.breached_at) == (first.started_at, first.breached_at)
    assert again.state == "breached"
    assert clock(ticket, "next_reply", 2).state == "met"
    assert len(breaches(ticket)) == 1
    climbs = Escalation.objects.filter(ticket=ticket, trigger="breach")
    assert [climb.ended_at for climb in climbs] == [None]


def test_a_message_learned_late_that_begins_the_same_wait_earlier_breaks_it_once(
    desk: SimpleNamespace, opened: Opened, now: datetime
) -> None:
    ticket = answered_twice(opened, desk, now)
    customer_writes(ticket, now + HOUR)
    sweep(now + 2 * HOUR + MINUTE)
    customer_writes(ticket, now + 3 * HOUR, received_at=now + 40 * MINUTE)
    sweep(now + 3 * HOUR + MINUTE)
    again = Clock.objects.get(ticket=ticket, metric="next_reply")
    assert again.started_at == now + 40 * MINUTE
    assert breaches(ticket) == [again.breached_at]
