"""Resolution: pauses, solving, and what a reopening continues."""

from datetime import datetime

import pytest

from escalation.sla.clock import ClockState, Course, State, replay
from escalation.sla.values import Fact, Metric
from tests.sla.world import (
    MICROSECOND,
    fact,
    hours,
    ny,
    opened,
    plan,
    reply,
    status,
    target,
)

START = ny(3, 3, 9)
LAST = ny(3, 10, 17)
PLAN = plan(START, target(Metric.RESOLUTION, hours(8), pause_on=frozenset({"pending"})))


def resolutions(*facts: Fact, now: datetime = LAST) -> list[ClockState]:
    return list(replay([opened(START), *facts], [PLAN], now))


def test_solved_is_what_meets_a_resolution() -> None:
    (found,) = resolutions(reply(ny(3, 3, 10)), status(ny(3, 3, 17), "solved"))
    assert (found.state, found.satisfied_at) == (State.MET, ny(3, 3, 17))


def test_solved_a_microsecond_late_is_late() -> None:
    (found,) = resolutions(status(ny(3, 3, 17) + MICROSECOND, "solved"))
    assert (found.state, found.breached_at) == (State.MET_LATE, ny(3, 3, 17))


def test_closing_straight_away_solves_too() -> None:
    (found,) = resolutions(status(ny(3, 3, 12), "closed"))
    assert found.state is State.MET


def test_after_solved_closing_changes_nothing() -> None:
    (found,) = resolutions(status(ny(3, 3, 12), "solved"), status(ny(3, 9, 12), "closed"))
    assert found.satisfied_at == ny(3, 3, 12)


def test_pending_pauses_and_shows_no_deadline() -> None:
    (found,) = resolutions(status(ny(3, 3, 11), "pending"), now=ny(3, 3, 12))
    assert (found.state, found.due_at, found.paused_since) == (State.PAUSED, None, ny(3, 3, 11))
    assert (found.used, found.remaining) == (hours(2), hours(6))


def test_the_instant_of_pausing_already_shows_as_paused() -> None:
    assert resolutions(status(ny(3, 3, 11), "pending"), now=ny(3, 3, 11))[0].state is State.PAUSED


def test_on_hold_does_not_pause_unless_the_policy_says_so() -> None:
    (found,) = resolutions(status(ny(3, 3, 11), "on_hold"), now=ny(3, 3, 12))
    assert (found.state, found.due_at) == (State.RUNNING, ny(3, 3, 17))


def test_a_pause_outside_business_hours_moves_nothing() -> None:
    night = [status(ny(3, 3, 17), "pending"), status(ny(3, 4, 9), "open")]
    tenth = plan(START, target(Metric.RESOLUTION, hours(10), pause_on=frozenset({"pending"})))
    (found,) = replay([opened(START), *night], [tenth], ny(3, 4, 9))
    assert (found.state, found.due_at, found.used) == (State.RUNNING, ny(3, 4, 11), hours(8))


def test_only_the_open_part_of_a_pause_moves_the_deadline() -> None:
    night = [status(ny(3, 3, 16, 30), "pending"), status(ny(3, 4, 8), "open")]
    (found,) = resolutions(*night, now=ny(3, 4, 8))
    assert found.due_at == ny(3, 4, 9, 30)


def test_a_broken_clock_that_waits_for_the_customer_stays_broken() -> None:
    (found,) = resolutions(status(ny(3, 4, 10), "pending"), now=ny(3, 4, 12))
    assert (found.state, found.breached_at) == (State.BREACHED, ny(3, 3, 17))
    assert found.paused_since == ny(3, 4, 10)


def test_a_reopening_continues_with_the_time_left_and_keeps_the_first_verdict() -> None:
    found = resolutions(
        status(ny(3, 3, 12), "solved"), status(ny(3, 5, 10), "open"), now=ny(3, 5, 11)
    )
    assert [(each.cycle, each.state) for each in found] == [(1, State.MET), (2, State.RUNNING)]
    assert found[1].started_at == ny(3, 5, 10)
    assert found[1].used == hours(4)
    assert found[1].due_at == ny(3, 5, 15)
    assert Course.SOLVED in {each.course for each in found[1].segments}


def test_a_late_resolution_reopened_is_late_from_the_reopening() -> None:
    found = resolutions(
        status(ny(3, 4, 12), "solved"), status(ny(3, 5, 10), "open"), now=ny(3, 5, 10)
    )
    assert [(each.state, each.breached_at) for each in found] == [
        (State.MET_LATE, ny(3, 3, 17)),
        (State.BREACHED, ny(3, 5, 10)),
    ]


def test_the_first_verdict_stays_on_record_however_the_second_ends() -> None:
    found = resolutions(
        status(ny(3, 3, 12), "solved"),
        status(ny(3, 4, 10), "open"),
        status(ny(3, 6, 10), "solved"),
    )
    assert [each.state for each in found] == [State.MET, State.MET_LATE]
    assert found[1].breached_at == ny(3, 4, 15)


@pytest.mark.parametrize("name", ["open", "new", "on_hold"])
def test_any_change_from_solved_reopens(name: str) -> None:
    found = resolutions(status(ny(3, 3, 12), "solved"), status(ny(3, 4, 10), name))
    assert len(found) == 2


def test_a_reopened_ticket_that_is_pending_stands_still() -> None:
    found = resolutions(status(ny(3, 3, 12), "solved"), status(ny(3, 4, 10), "pending"))
    assert found[1].state is State.PAUSED


def test_a_ticket_never_opened_has_no_clocks() -> None:
    assert replay([fact(each.kind, each.at) for each in [reply(START)]], [PLAN], START) == ()


def test_opened_and_solved_in_one_instant_is_met_with_its_deadline() -> None:
    (found,) = resolutions(status(START, "solved"))
    assert (found.state, found.due_at, found.used) == (State.MET, ny(3, 3, 17), hours(0))
