"""The simulator: real tickets under plans that are only being considered."""

from dataclasses import replace

from escalation.sla.clock import State
from escalation.sla.simulate import Case, compare, simulate
from escalation.sla.values import Fact, FactKind, Metric, Plan, Target
from tests.sla.world import (
    CHAIN,
    MINUTE,
    WARN_90,
    fact,
    hours,
    ny,
    opened,
    plan,
    reply,
    target,
)

FIRST = Metric.FIRST_REPLY
START = ny(3, 3, 9)
NOW = ny(3, 4, 17)


def owing(amount: float) -> list[Plan]:
    return [plan(START, target(FIRST, hours(amount), warnings=(WARN_90,), path=CHAIN))]


def case(ref: str, plans: list[Plan], *facts: Fact) -> Case:
    return Case(ref, [opened(START), *facts], plans)


def two(plans: list[Plan]) -> list[Case]:
    return [case("A", plans, reply(ny(3, 3, 11))), case("B", plans, reply(ny(3, 3, 14)))]


def test_an_outcome_counts_what_would_have_been_late_warned_and_escalated() -> None:
    found = simulate(two(owing(4)), NOW)
    assert (found.late, found.warned, found.escalated) == (1, 1, 1)
    assert found.by_metric == {FIRST: (1, 2)}


def test_only_the_levels_reached_before_the_answer_are_told() -> None:
    found = simulate([case("B", owing(4), reply(ny(3, 3, 13, 20)))], NOW)
    assert found.verdicts[0].levels == (1, 2)
    assert found.told == {1: 1, 2: 1}


def test_a_climb_acknowledged_then_stops_there() -> None:
    acknowledged = replace(case("B", owing(4)), acknowledged_at=ny(3, 3, 13) + 5 * MINUTE)
    assert simulate([acknowledged], NOW).verdicts[0].levels == (1,)


def test_an_acknowledgement_of_before_stops_nothing() -> None:
    before = replace(case("B", owing(4)), acknowledged_at=ny(3, 3, 12))
    assert simulate([before], NOW).verdicts[0].levels == (1, 2, 3)


def test_a_breach_recorded_in_reality_does_not_stick_in_a_simulation() -> None:
    recorded = fact(FactKind.BREACH_RECORDED, ny(3, 3, 13), metric=FIRST, cycle=1)
    found = simulate([case("B", owing(8), recorded, reply(ny(3, 3, 14)))], NOW)
    assert found.verdicts[0].state is State.MET


def test_comparing_tells_what_a_tighter_policy_would_make_late() -> None:
    difference = compare(simulate(two(owing(4)), NOW), simulate(two(owing(1)), NOW))
    assert [each.after.ref for each in difference.newly_late if each.after] == ["A"]
    assert difference.no_longer_late == ()
    assert [each.after.ref for each in difference.other if each.after] == ["B"]


def test_comparing_tells_what_a_looser_policy_would_save() -> None:
    difference = compare(simulate(two(owing(4)), NOW), simulate(two(owing(8)), NOW))
    assert [each.after.ref for each in difference.no_longer_late if each.after] == ["B"]


def test_a_clock_that_would_not_be_there_is_told_as_none() -> None:
    none = [plan(START, Target(FIRST, None))]
    difference = compare(simulate(two(owing(4)), NOW), simulate(two(none), NOW))
    assert [each.after for each in difference.no_longer_late] == [None]
    assert [each.after for each in difference.other] == [None]


def test_the_same_plans_make_no_difference() -> None:
    same = compare(simulate(two(owing(4)), NOW), simulate(two(owing(4)), NOW))
    assert (same.newly_late, same.no_longer_late, same.other) == ((), (), ())


def test_a_period_leaves_out_what_had_ended_before_it() -> None:
    found = simulate(two(owing(4)), NOW, since=ny(3, 3, 12))
    assert [each.ref for each in found.verdicts] == ["B"]


def test_a_warning_still_to_come_is_not_counted() -> None:
    assert simulate([case("A", owing(4))], ny(3, 3, 12)).warned == 0
    assert simulate([case("A", owing(4))], ny(3, 3, 12, 36)).warned == 1
