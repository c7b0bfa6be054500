"""The worked examples of the law, in New York, Monday to Friday 09:00-17:00."""

from datetime import UTC, datetime

from escalation.sla.clock import State
from escalation.sla.values import Metric
from tests.sla.world import (
    NEW_YORK,
    OFFICE,
    WARN_90,
    clock,
    hours,
    ny,
    opened,
    plan,
    status,
    target,
)

RESOLUTION = Metric.RESOLUTION


def test_half_an_hour_on_friday_and_half_an_hour_on_monday() -> None:
    due = OFFICE.add(ny(3, 6, 16, 30), hours(1))
    assert due == ny(3, 9, 9, 30)
    assert due.astimezone(NEW_YORK).tzname() == "EDT"


def test_a_deadline_exactly_at_closing_stays_at_closing() -> None:
    assert OFFICE.add(ny(3, 6, 16), hours(1)) == ny(3, 6, 17)


def test_opened_at_the_instant_of_closing_starts_at_the_next_opening() -> None:
    assert OFFICE.add(ny(3, 6, 17), hours(1)) == ny(3, 9, 10)


def test_a_day_of_elapsed_time_is_24_hours_over_the_spring_night() -> None:
    start = ny(3, 7, 12)
    elapsed = target(Metric.FIRST_REPLY, hours(24), calendar=None)
    found = clock([opened(start)], [plan(start, elapsed)], start, Metric.FIRST_REPLY)
    assert found.due_at == datetime(2026, 3, 8, 13, tzinfo=NEW_YORK).astimezone(UTC)


def test_a_day_spent_pending_moves_the_resolution_by_a_day() -> None:
    start = ny(3, 3, 9)
    facts = [opened(start), status(ny(3, 3, 11), "pending"), status(ny(3, 4, 11), "open")]
    pausing = target(RESOLUTION, hours(8), pause_on=frozenset({"pending"}))
    found = clock(facts, [plan(start, pausing)], ny(3, 4, 12), RESOLUTION)
    assert found.due_at == ny(3, 4, 17)
    assert found.used == hours(3)


def test_raising_the_priority_after_an_hour_of_two_leaves_one() -> None:
    start = ny(3, 3, 9)
    plans = [
        plan(start, target(RESOLUTION, hours(8))),
        plan(ny(3, 3, 10), target(RESOLUTION, hours(2))),
    ]
    found = clock([opened(start)], plans, ny(3, 3, 10), RESOLUTION)
    assert (found.state, found.due_at) == (State.RUNNING, ny(3, 3, 11))


def test_raising_the_priority_too_late_breaches_at_the_change() -> None:
    start = ny(3, 3, 9)
    plans = [
        plan(start, target(RESOLUTION, hours(8))),
        plan(ny(3, 3, 12), target(RESOLUTION, hours(2))),
    ]
    found = clock([opened(start)], plans, ny(3, 3, 12), RESOLUTION)
    assert (found.state, found.breached_at) == (State.BREACHED, ny(3, 3, 12))


def test_ninety_percent_of_four_hours_warns_in_business_time() -> None:
    start = ny(3, 2, 15)
    warned = target(RESOLUTION, hours(4), warnings=(WARN_90,))
    found = clock([opened(start)], [plan(start, warned)], start, RESOLUTION)
    assert found.warnings == ((WARN_90, ny(3, 3, 10, 36)),)
    assert found.due_at == ny(3, 3, 11)
