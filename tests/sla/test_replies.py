"""First reply, next reply and update: who waits, since when, and what ends it."""

from datetime import datetime

import pytest

from escalation.sla.clock import ClockState, State, replay
from escalation.sla.ladder import Due, StepKey, StepKind, next_fact
from escalation.sla.values import Fact, FactKind, Metric
from tests.sla.world import (
    HOUR,
    MICROSECOND,
    WARN_90,
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

FIRST, NEXT, UPDATE = Metric.FIRST_REPLY, Metric.NEXT_REPLY, Metric.UPDATE
START = ny(3, 3, 9)
PLAN = plan(START, target(FIRST, hours(4)), target(NEXT, hours(2)), target(UPDATE, hours(3)))
OPENED = opened(START)
END = ny(3, 5, 17)


def of(metric: Metric, *facts: Fact, now: datetime = END) -> list[ClockState]:
    return [each for each in replay([OPENED, *facts], [PLAN], now) if each.metric is metric]


def test_the_first_released_reply_meets_the_first_reply() -> None:
    (found,) = of(FIRST, reply(ny(3, 3, 11)), reply(ny(3, 3, 12)))
    assert (found.state, found.satisfied_at) == (State.MET, ny(3, 3, 11))
    assert (found.used, found.remaining) == (hours(2), hours(2))


def test_a_call_that_reached_the_customer_is_a_first_reply() -> None:
    (found,) = of(FIRST, fact(FactKind.CALL_REACHED, ny(3, 3, 10)))
    assert found.state is State.MET


@pytest.mark.parametrize(
    "kind",
    [
        FactKind.CALL_ATTEMPTED,
        FactKind.PROGRESS,
        FactKind.CUSTOMER_MESSAGE,
        FactKind.EXPERT_ANSWERED,
        FactKind.CALLBACK_PROMISED,
    ],
)
def test_nothing_but_a_human_answer_meets_the_first_reply(kind: FactKind) -> None:
    (found,) = of(FIRST, fact(kind, ny(3, 3, 10)))
    assert (found.state, found.breached_at) == (State.BREACHED, ny(3, 3, 13))


@pytest.mark.parametrize("name", ["open", "pending", "on_hold"])
def test_a_status_satisfies_no_reply_and_never_pauses_the_first_one(name: str) -> None:
    (found,) = of(FIRST, status(ny(3, 3, 10), name), now=ny(3, 3, 12))
    assert (found.state, found.due_at) == (State.RUNNING, ny(3, 3, 13))


def test_satisfied_at_the_deadline_is_met() -> None:
    (found,) = of(FIRST, reply(ny(3, 3, 13)))
    assert (found.state, found.breached_at) == (State.MET, None)


def test_satisfied_one_microsecond_later_is_late() -> None:
    (found,) = of(FIRST, reply(ny(3, 3, 13) + MICROSECOND))
    assert (found.state, found.breached_at) == (State.MET_LATE, ny(3, 3, 13))


def test_at_its_deadline_a_clock_still_runs_and_one_microsecond_later_is_broken() -> None:
    assert of(FIRST, now=ny(3, 3, 13))[0].state is State.RUNNING
    assert of(FIRST, now=ny(3, 3, 13) + MICROSECOND)[0].state is State.BREACHED


def test_a_ticket_opened_by_a_call_that_reached_the_customer_is_answered_at_once() -> None:
    (found,) = of(FIRST, fact(FactKind.CALL_REACHED, START))
    assert (found.state, found.used) == (State.MET, hours(0))


def test_before_a_first_reply_a_message_starts_no_next_reply() -> None:
    assert of(NEXT, message(ny(3, 3, 10))) == []


def test_the_opening_message_itself_starts_no_next_reply() -> None:
    assert of(NEXT, fact(FactKind.CALL_REACHED, START), message(START)) == []


def test_more_messages_do_not_restart_the_wait() -> None:
    (found,) = of(NEXT, reply(ny(3, 3, 10)), message(ny(3, 3, 11)), message(ny(3, 3, 12)))
    assert (found.started_at, found.due_at) == (ny(3, 3, 11), ny(3, 3, 13))


def test_each_unanswered_wait_is_a_cycle_of_its_own() -> None:
    found = of(
        NEXT,
        reply(ny(3, 3, 10)),
        message(ny(3, 3, 11)),
        reply(ny(3, 3, 12)),
        message(ny(3, 3, 14)),
    )
    assert [(each.cycle, each.state) for each in found] == [(1, State.MET), (2, State.BREACHED)]
    assert found[1].due_at == ny(3, 3, 16)


def test_a_message_of_the_same_instant_as_a_reply_is_not_answered_by_it() -> None:
    (found,) = of(NEXT, reply(ny(3, 3, 10)), message(ny(3, 3, 10)), now=ny(3, 3, 11))
    assert found.state is State.RUNNING


def test_the_note_of_a_customer_in_the_portal_starts_the_clock() -> None:
    (found,) = of(NEXT, reply(ny(3, 3, 10)), message(ny(3, 3, 16, 30)))
    assert found.due_at == ny(3, 4, 10, 30)


def test_a_message_counts_from_our_servers_receipt_though_fetched_later() -> None:
    fetched_late = Fact(FactKind.CUSTOMER_MESSAGE, ny(3, 3, 11), recorded_at=ny(3, 3, 12, 30))
    (found,) = of(NEXT, reply(ny(3, 3, 10)), fetched_late, now=ny(3, 3, 12, 30))
    assert found.due_at == ny(3, 3, 13)


def test_a_recalled_reply_has_never_happened() -> None:
    # A held reply becomes a fact when it is released; recalled, there is none.
    (found,) = of(FIRST, now=ny(3, 3, 12))
    assert (found.state, found.used) == (State.RUNNING, hours(3))


def test_facts_still_to_come_do_not_count() -> None:
    (found,) = of(FIRST, reply(ny(3, 3, 12)), now=ny(3, 3, 11))
    assert found.state is State.RUNNING


def test_news_starts_an_update_and_the_next_news_meets_it() -> None:
    found = of(UPDATE, fact(FactKind.PROGRESS, ny(3, 3, 10)), reply(ny(3, 3, 12)), now=ny(3, 3, 13))
    assert [(each.cycle, each.state) for each in found] == [(1, State.MET), (2, State.RUNNING)]
    assert found[1].due_at == ny(3, 3, 15)


def test_an_update_clock_does_not_overrule_the_first_reply() -> None:
    progress = fact(FactKind.PROGRESS, ny(3, 3, 12))
    (first,) = of(FIRST, progress, now=ny(3, 3, 12, 30))
    assert (first.state, first.due_at) == (State.RUNNING, ny(3, 3, 13))


def test_an_update_runs_only_while_the_ticket_is_open_or_on_hold() -> None:
    facts = [reply(ny(3, 3, 10)), status(ny(3, 3, 11), "pending")]
    (found,) = of(UPDATE, *facts, now=ny(3, 3, 16))
    assert (found.state, found.due_at, found.paused_since) == (State.PAUSED, None, ny(3, 3, 11))
    (resumed,) = of(UPDATE, *facts, status(ny(3, 4, 9), "on_hold"), now=ny(3, 4, 10))
    assert (resumed.state, resumed.due_at) == (State.RUNNING, ny(3, 4, 11))


def test_solving_ends_the_update_clock_without_a_verdict() -> None:
    (found,) = of(UPDATE, reply(ny(3, 3, 10)), status(ny(3, 3, 11), "solved"))
    assert (found.state, found.stopped_at) == (State.CANCELLED, ny(3, 3, 11))


def test_news_on_a_solved_ticket_starts_no_update() -> None:
    assert of(UPDATE, status(ny(3, 3, 10), "solved"), reply(ny(3, 3, 11))) == []


def test_no_reply_clock_runs_on_after_the_ticket_is_solved() -> None:
    facts = [reply(ny(3, 3, 10)), message(ny(3, 3, 11)), status(ny(3, 3, 12), "solved")]
    (found,) = of(NEXT, *facts)
    assert (found.state, found.stopped_at, found.breached_at) == (
        State.CANCELLED,
        ny(3, 3, 12),
        None,
    )


def test_solving_satisfies_no_reply() -> None:
    (found,) = of(FIRST, status(ny(3, 3, 10), "solved"))
    assert (found.state, found.satisfied_at) == (State.CANCELLED, None)


def test_a_held_reply_released_after_solving_is_judged_by_the_clock() -> None:
    solved = status(ny(3, 3, 12), "solved")
    assert of(FIRST, solved, reply(ny(3, 3, 12, 30)))[0].state is State.MET
    (late,) = of(FIRST, solved, reply(ny(3, 3, 14)))
    assert (late.state, late.breached_at) == (State.MET_LATE, ny(3, 3, 13))


def test_reopened_without_an_answer_the_wait_goes_on_from_its_true_start() -> None:
    facts = [status(ny(3, 3, 10), "solved"), status(ny(3, 3, 12), "open")]
    (found,) = of(FIRST, *facts, now=ny(3, 3, 12, 30))
    assert (found.state, found.due_at) == (State.RUNNING, ny(3, 3, 13))


def test_a_deadline_that_passed_while_solved_breaks_at_the_reopening() -> None:
    facts = [status(ny(3, 3, 10), "solved"), status(ny(3, 3, 15), "open")]
    (found,) = of(FIRST, *facts, now=ny(3, 3, 15))
    assert (found.state, found.breached_at) == (State.BREACHED, ny(3, 3, 15))


def test_a_message_on_a_solved_ticket_is_a_wait_of_its_own() -> None:
    thanks = [reply(ny(3, 3, 10)), message(ny(3, 3, 11)), status(ny(3, 3, 11, 30), "solved")]
    found = of(NEXT, *thanks, message(ny(3, 4, 10)), now=ny(3, 4, 11))
    assert [(each.state, each.due_at) for each in found] == [
        (State.CANCELLED, ny(3, 3, 13)),
        (State.RUNNING, ny(3, 4, 12)),
    ]


def test_solving_later_does_not_take_back_a_breach() -> None:
    (found,) = of(FIRST, status(ny(3, 3, 14), "solved"))
    assert (found.state, found.breached_at) == (State.CANCELLED, ny(3, 3, 13))


def test_a_reply_before_a_wait_began_does_not_answer_it() -> None:
    first = of(NEXT, reply(ny(3, 3, 10)), message(ny(3, 3, 10) + MICROSECOND), now=ny(3, 3, 10, 1))
    assert [each.state for each in first] == [State.RUNNING]


def test_a_clock_pauses_and_counts_in_fractions_of_a_second() -> None:
    pausing = plan(START, target(NEXT, HOUR, pause_on=frozenset({"pending"})))
    paused = ny(3, 3, 11, 30)
    facts = [OPENED, reply(ny(3, 3, 10)), message(ny(3, 3, 11))]
    facts += [status(paused, "pending"), status(paused + 250_000 * MICROSECOND, "open")]
    found = clock(facts, [pausing], ny(3, 3, 11, 45), NEXT)
    assert found.due_at == ny(3, 3, 12) + 250_000 * MICROSECOND


def test_asked_and_solved_in_one_instant_is_a_wait_that_is_over() -> None:
    at = ny(3, 3, 11)
    (found,) = of(NEXT, reply(ny(3, 3, 10)), message(at), status(at, "solved"))
    assert found.state is State.CANCELLED


def test_a_change_of_status_after_closing_time_does_not_reopen_the_deadline() -> None:
    # Due at 17:00 sharp and still unanswered: the evening's change comes too late.
    start = ny(3, 3, 13)
    plans = [plan(start, target(FIRST, hours(4)))]
    found = clock([opened(start), status(ny(3, 3, 20), "open")], plans, ny(3, 3, 21), FIRST)
    assert (found.state, found.due_at) == (State.BREACHED, ny(3, 3, 17))


@pytest.mark.parametrize("metric", [NEXT, UPDATE])
@pytest.mark.parametrize("pauses", [True, False])
def test_a_next_reply_and_an_update_pause_where_the_policy_says_so(
    metric: Metric, pauses: bool
) -> None:
    idle = frozenset({"on_hold"} if pauses else ())
    owed = plan(START, target(metric, hours(4), pause_on=idle))
    facts = [OPENED, reply(ny(3, 3, 9, 30)), message(ny(3, 3, 10))]
    facts += [status(ny(3, 3, 11), "on_hold"), status(ny(3, 3, 13), "open")]
    found = clock(facts, [owed], ny(3, 3, 13), metric)
    began = ny(3, 3, 10) if metric is NEXT else ny(3, 3, 9, 30)
    assert found.due_at == began + hours(6 if pauses else 4)


def test_each_wait_is_warned_of_anew() -> None:
    owed = plan(START, target(NEXT, hours(4), warnings=(WARN_90,)))
    facts = [OPENED, reply(ny(3, 3, 9, 30)), message(ny(3, 3, 10)), reply(ny(3, 3, 11))]
    facts += [message(ny(3, 3, 12))]
    for cycle, state in enumerate(replay(facts, [owed], ny(3, 3, 12)), 1):
        assert state.cycle == cycle
        found = next_fact(state, ())
        if cycle == 1:
            assert found is None
        else:
            assert found == Due(StepKey(StepKind.WARNING, "90%"), ny(3, 3, 15, 36))
