"""Merge, split and change of customer: rule 9."""

from datetime import datetime

from escalation.sla.clock import State, replay
from escalation.sla.ladder import next_fact
from escalation.sla.values import Fact, FactKind, Metric
from tests.sla.world import (
    clock,
    fact,
    hours,
    message,
    ny,
    opened,
    plan,
    reply,
    status,
    target,
)

FIRST, NEXT, RESOLUTION = Metric.FIRST_REPLY, Metric.NEXT_REPLY, Metric.RESOLUTION
START = ny(3, 3, 9)
PLANS = [plan(START, target(FIRST, hours(4)), target(NEXT, hours(2)), target(RESOLUTION, hours(8)))]


def away(at: datetime) -> Fact:
    return fact(FactKind.MERGED_AWAY, at)


def merged(at: datetime, wait_since: datetime | None) -> Fact:
    return fact(FactKind.MERGED_IN, at, wait_since=wait_since)


def test_the_clocks_of_a_ticket_merged_away_are_cancelled_not_met() -> None:
    found = replay([opened(START), away(ny(3, 3, 10))], PLANS, ny(3, 4, 17))
    assert {each.state for each in found} == {State.CANCELLED}
    assert {each.stopped_at for each in found} == {ny(3, 3, 10)}


def test_a_merged_ticket_escalates_no_more() -> None:
    found = replay([opened(START), away(ny(3, 3, 10))], PLANS, ny(3, 4, 17))
    assert [next_fact(each, ()) for each in found] == [None, None]


def test_nothing_starts_on_a_ticket_after_it_was_merged_away() -> None:
    facts = [opened(START), reply(ny(3, 3, 9, 30)), away(ny(3, 3, 10)), message(ny(3, 3, 11))]
    assert [each.metric for each in replay(facts, PLANS, ny(3, 4, 17))] == [FIRST, RESOLUTION]


def test_verdicts_before_the_merge_stay() -> None:
    facts = [opened(START), reply(ny(3, 3, 9, 30)), away(ny(3, 3, 10))]
    assert clock(facts, PLANS, ny(3, 4, 17), FIRST).state is State.MET
    late = clock([opened(START), away(ny(3, 3, 15))], PLANS, ny(3, 4, 17), FIRST)
    assert (late.state, late.breached_at) == (State.CANCELLED, ny(3, 3, 13))


def test_the_running_clock_takes_the_earlier_start() -> None:
    facts = [opened(START), merged(ny(3, 3, 10), ny(3, 2, 15))]
    found = clock(facts, PLANS, ny(3, 3, 10), FIRST)
    assert (found.started_at, found.due_at) == (ny(3, 2, 15), ny(3, 3, 11))


def test_a_later_start_changes_nothing() -> None:
    facts = [opened(START), merged(ny(3, 3, 10), ny(3, 3, 9, 30))]
    assert clock(facts, PLANS, ny(3, 3, 10), FIRST).due_at == ny(3, 3, 13)


def test_a_wait_that_was_already_too_long_breaks_at_the_merge() -> None:
    facts = [opened(START), merged(ny(3, 3, 10), ny(2, 27, 9))]
    found = clock(facts, PLANS, ny(3, 3, 10), FIRST)
    assert (found.state, found.breached_at) == (State.BREACHED, ny(3, 3, 10))


def test_before_the_merge_the_target_had_its_own_start() -> None:
    facts = [opened(START), merged(ny(3, 3, 14), ny(3, 2, 15))]
    assert clock(facts, PLANS, ny(3, 3, 15), FIRST).breached_at == ny(3, 3, 13)


def test_a_running_next_reply_takes_the_earlier_start() -> None:
    facts = [opened(START), reply(ny(3, 3, 10)), message(ny(3, 3, 12))]
    found = clock([*facts, merged(ny(3, 3, 12, 30), ny(3, 3, 11))], PLANS, ny(3, 3, 12, 30), NEXT)
    assert (found.cycle, found.due_at) == (1, ny(3, 3, 13))


def test_a_customer_who_waited_on_the_source_waits_on_the_target() -> None:
    facts = [opened(START), reply(ny(3, 3, 10)), merged(ny(3, 3, 12), ny(3, 3, 11))]
    found = clock(facts, PLANS, ny(3, 3, 12), NEXT)
    assert (found.state, found.started_at, found.due_at) == (
        State.RUNNING,
        ny(3, 3, 11),
        ny(3, 3, 13),
    )


def test_a_wait_taken_over_too_late_breaks_at_the_merge() -> None:
    facts = [opened(START), reply(ny(3, 3, 10)), merged(ny(3, 3, 15), ny(3, 3, 9, 30))]
    found = clock(facts, PLANS, ny(3, 3, 15), NEXT)
    assert (found.state, found.breached_at) == (State.BREACHED, ny(3, 3, 15))


def test_a_reply_in_the_instant_of_the_merge_still_counts() -> None:
    at = ny(3, 3, 10)
    assert clock([opened(START), reply(at), away(at)], PLANS, at, FIRST).state is State.MET


def test_of_several_merges_the_earliest_start_counts() -> None:
    facts = [opened(START), merged(ny(3, 3, 10), ny(3, 2, 15)), merged(ny(3, 3, 11), ny(3, 2, 16))]
    found = clock(facts, PLANS, ny(3, 3, 11), RESOLUTION)
    assert (found.started_at, found.due_at) == (ny(3, 2, 15), ny(3, 3, 15))


def test_a_source_nobody_waited_on_brings_nothing() -> None:
    facts = [opened(START), reply(ny(3, 3, 10)), merged(ny(3, 3, 12), None)]
    assert NEXT not in {each.metric for each in replay(facts, PLANS, ny(3, 3, 12))}


def test_the_resolution_takes_the_earlier_start_too() -> None:
    facts = [opened(START), merged(ny(3, 3, 10), ny(3, 2, 15))]
    assert clock(facts, PLANS, ny(3, 3, 10), RESOLUTION).due_at == ny(3, 3, 15)


def test_a_merge_after_solving_leaves_the_verdict_as_it_was() -> None:
    facts = [opened(START), status(ny(3, 3, 11), "solved"), merged(ny(3, 3, 12), ny(3, 2, 15))]
    found = clock(facts, PLANS, ny(3, 3, 13), RESOLUTION)
    assert (found.state, found.started_at) == (State.MET, START)


def test_a_reopened_resolution_keeps_the_start_it_took_over() -> None:
    facts = [
        opened(START),
        merged(ny(3, 3, 10), ny(3, 2, 15)),
        status(ny(3, 3, 11), "solved"),
        status(ny(3, 3, 12), "open"),
    ]
    found = clock(facts, PLANS, ny(3, 3, 12), RESOLUTION, cycle=2)
    assert (found.started_at, found.used, found.due_at) == (ny(3, 3, 12), hours(4), ny(3, 3, 16))


def test_a_split_ticket_has_its_own_clocks_from_the_split() -> None:
    at = ny(3, 3, 12)
    found = clock([opened(at)], [plan(at, target(FIRST, hours(4)))], at, FIRST)
    assert (found.started_at, found.due_at) == (at, ny(3, 3, 16))


def test_a_wait_brought_by_a_merge_breaks_the_quiet_of_a_solved_ticket() -> None:
    facts = [opened(START), status(ny(3, 3, 10), "solved"), merged(ny(3, 3, 11), ny(3, 3, 9, 30))]
    found = clock(facts, PLANS, ny(3, 3, 15), FIRST)
    assert (found.state, found.breached_at) == (State.BREACHED, ny(3, 3, 13))


def test_a_merge_that_brings_no_wait_leaves_a_solved_ticket_quiet() -> None:
    facts = [opened(START), status(ny(3, 3, 10), "solved"), merged(ny(3, 3, 11), None)]
    assert clock(facts, PLANS, ny(3, 3, 15), FIRST).breached_at is None
