"""Since when a customer waits is one rule, of one ticket and of many."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.factories import ticket
from tickets.models import Ticket, TicketEvent
from tickets.services import triage
from tickets.services.triage.waiting import waited_on, waiting_since

MINUTE = timedelta(minutes=1)
# What happened after the opening: kinds, minutes later, and since which minute a brought wait counts.
HISTORIES: dict[str, tuple[list[tuple[str, int, int | None]], int | None]] = {
    "only asked": ([], 0),
    "asked twice": ([("customer_message", 3, None)], 0),
    "answered": ([("reply_released", 2, None)], None),
    "called": ([("call_reached", 2, None)], None),
    "told of progress only": ([("progress", 2, None)], 0),
    "answered, then asked twice": (
        [("reply_released", 2, None), ("customer_message", 4, None), ("customer_message", 6, None)],
        4,
    ),
    "asked between two answers": (
        [("reply_released", 2, None), ("customer_message", 4, None), ("call_reached", 6, None)],
        None,
    ),
    "asked at the instant of the answer": (
        [("customer_message", 4, None), ("reply_released", 4, None)],
        None,
    ),
    "a wait brought along": ([("reply_released", 2, None), ("merged_in", 4, 1)], 1),
    "a wait brought along, then answered": (
        [("merged_in", 4, 1), ("reply_released", 5, None)],
        None,
    ),
    "a merge without a wait": ([("reply_released", 2, None), ("merged_in", 4, None)], None),
    "not reached by the answer": ([("reply_released", 4, None), ("still_waiting", 4, 1)], 1),
    "not reached, then reached": (
        [("reply_released", 4, None), ("still_waiting", 4, 1), ("reply_released", 6, None)],
        None,
    ),
    "asked again after a wait that stays": (
        [("reply_released", 4, None), ("still_waiting", 4, 3), ("customer_message", 6, None)],
        3,
    ),
}


def lived(cast: SimpleNamespace, now: datetime, name: str) -> Ticket:
    """A ticket with that history."""
    its = ticket(cast, now, acknowledge=False)
    for kind, minutes, since in HISTORIES[name][0]:
        at = now + minutes * MINUTE
        told: dict[str, Any] = {}
        if kind in ("merged_in", "still_waiting"):
            waits = (now + since * MINUTE).isoformat() if since is not None else None
            told = {"wait_since": waits, "customer_id": cast.carla.pk, "customer": "Carla"}
        TicketEvent.objects.create(ticket=its, kind=kind, at=at, recorded_at=at, data=told)
    return its


@pytest.mark.parametrize("name", HISTORIES)
def test_since_when_they_wait(cast: SimpleNamespace, now: datetime, name: str) -> None:
    its, minute = lived(cast, now, name), HISTORIES[name][1]
    assert waiting_since(its) == (None if minute is None else now + minute * MINUTE)


def test_of_many_the_rule_is_the_same_in_one_query(
    cast: SimpleNamespace, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tickets = [lived(cast, now, name) for name in HISTORIES]
    solved = ticket(cast, now)
    triage.set_status(ticket=solved, status="solved", actor=cast.ana, now=now)
    tickets.append(solved)
    with django_assert_num_queries(1):
        found = waited_on(tickets)
    assert found == {each.pk for each in tickets if waiting_since(each)}
    assert solved.pk not in found
