"""Cycles keep their numbers, whatever is learned late and put before them."""

from datetime import datetime

from hypothesis import given

from escalation.sla.clock import ClockState, replay
from escalation.sla.numbering import COUNTED, Numbered
from escalation.sla.values import Fact, Metric, Plan
from tests.sla.test_replay_properties import (
    LAST,
    START,
    by_identity,
    histories,
    some_facts,
    some_plans,
)
from tests.sla.world import HOUR, MINUTE, hours, message, opened, plan, reply, target


def stored(states: tuple[ClockState, ...]) -> list[Numbered]:
    return [Numbered(each.metric, each.cycle, each.started_at) for each in states]


@given(histories, some_plans())
def test_replaying_with_the_stored_numbers_changes_nothing(
    facts: list[Fact], plans: list[Plan]
) -> None:
    states = replay(facts, plans, LAST)
    assert by_identity(replay(facts, plans, LAST, stored(states))) == by_identity(states)


@given(histories, some_facts(), some_plans())
def test_no_two_cycles_share_a_number_after_a_fact_was_learned_late(
    facts: list[Fact], late: Fact, plans: list[Plan]
) -> None:
    before = replay(facts, plans, LAST)
    after = replay([*facts, late], plans, LAST, stored(before))
    assert len(by_identity(after)) == len(after)


@given(histories, some_facts(), some_plans())
def test_a_wait_that_begins_where_it_did_keeps_its_number(
    facts: list[Fact], late: Fact, plans: list[Plan]
) -> None:
    before = replay(facts, plans, LAST)
    # Of those that begin in one instant, the last is the one that lasts.
    starts = {(each.metric, each.started_at): each.cycle for each in before}
    after = replay([*facts, late], plans, LAST, stored(before))
    lasting = {(each.metric, each.started_at): each.cycle for each in after}
    for (metric, at), cycle in lasting.items():
        if metric in COUNTED and (metric, at) in starts:
            assert cycle == starts[metric, at]


def test_two_replies_in_one_instant_before_there_was_a_target_keep_the_number_of_what_follows() -> (
    None
):
    conversation = [opened(START), reply(START + HOUR), reply(START + HOUR)]
    plans = [plan(START), plan(START + hours(2), target(Metric.UPDATE, hours(4)))]
    before = replay(conversation, plans, LAST)
    (known,) = [each for each in before if each.metric is Metric.UPDATE]
    again = replay(conversation, plans, LAST, stored(before))
    assert [each.cycle for each in again if each.metric is Metric.UPDATE] == [known.cycle]


def test_a_wait_that_begins_earlier_than_was_known_is_the_same_wait() -> None:
    conversation = [opened(START), reply(START + HOUR), message(START + hours(4))]
    plans = [plan(START, target(Metric.NEXT_REPLY, hours(2)))]
    known = stored(replay(conversation, plans, LAST))
    late = [*conversation, message(START + hours(3))]
    (state,) = replay(late, plans, LAST, known)
    assert (state.cycle, state.started_at) == (1, START + hours(3))


def test_a_wait_that_was_over_before_is_a_cycle_of_its_own() -> None:
    answers = [reply(START + HOUR), reply(START + hours(3))]
    conversation = [opened(START), *answers, message(START + hours(4))]
    plans = [plan(START, target(Metric.NEXT_REPLY, hours(2)))]
    known = stored(replay(conversation, plans, LAST))
    late = [*conversation, message(START + HOUR + MINUTE)]
    found: dict[int, datetime] = {
        state.cycle: state.started_at for state in replay(late, plans, LAST, known)
    }
    assert found == {1: START + hours(4), 2: START + HOUR + MINUTE}
