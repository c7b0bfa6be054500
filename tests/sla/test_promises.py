"""Callbacks and questions to experts: one clock per promise."""

from datetime import datetime, timedelta

from escalation.sla.clock import ClockState, State, replay
from escalation.sla.values import Fact, FactKind, Metric, Plan
from tests.sla.world import OFFICE, clock, fact, hours, ny, opened, plan, status, target

CALLBACK, EXPERT = Metric.CALLBACK, Metric.EXPERT_ANSWER
START = ny(3, 3, 9)
PLAN = plan(START, target(CALLBACK, hours(2)), target(EXPERT, hours(4)))
LATER = ny(3, 4, 17)


def promised(at: datetime, subject: str = "a", due_at: datetime | None = None) -> Fact:
    return fact(FactKind.CALLBACK_PROMISED, at, subject=subject, due_at=due_at)


def reached(at: datetime, subject: str = "") -> Fact:
    return fact(FactKind.CALL_REACHED, at, subject=subject)


def attempted(at: datetime, subject: str = "") -> Fact:
    return fact(FactKind.CALL_ATTEMPTED, at, subject=subject)


def callback(*facts: Fact, now: datetime = LATER, subject: str = "a", cycle: int = 1,
             under: Plan = PLAN) -> ClockState:  # fmt: skip
    return clock([opened(START), *facts], [under], now, CALLBACK, cycle, subject)


def test_a_promised_call_is_due_after_the_policys_time() -> None:
    found = callback(promised(ny(3, 3, 16)), now=ny(3, 3, 16))
    assert (found.state, found.due_at) == (State.RUNNING, ny(3, 4, 10))


def test_a_promised_instant_is_the_deadline_whatever_the_calendar() -> None:
    saturday = ny(3, 7, 15)
    found = callback(promised(ny(3, 3, 16), due_at=saturday), now=ny(3, 4, 9))
    assert found.due_at == saturday


def test_a_promised_instant_is_owed_even_without_a_policy() -> None:
    facts = [opened(START), promised(ny(3, 3, 10), due_at=ny(3, 3, 15))]
    (found,) = replay(facts, [plan(START)], ny(3, 3, 16))
    assert (found.state, found.breached_at) == (State.BREACHED, ny(3, 3, 15))


def test_without_a_policy_or_an_instant_nothing_is_owed() -> None:
    assert replay([opened(START), promised(ny(3, 3, 10))], [plan(START)], LATER) == ()


def test_an_instant_promised_for_the_past_is_due_at_once() -> None:
    found = callback(promised(ny(3, 3, 10), due_at=ny(3, 3, 8)), now=ny(3, 3, 10))
    assert found.due_at == ny(3, 3, 10)


def test_a_call_that_reached_the_customer_keeps_the_promise() -> None:
    assert callback(promised(ny(3, 3, 10)), reached(ny(3, 3, 11), "a")).state is State.MET
    assert callback(promised(ny(3, 3, 10)), reached(ny(3, 3, 13), "a")).state is State.MET_LATE


def test_an_early_call_keeps_a_promise_for_later() -> None:
    facts = [promised(ny(3, 3, 10), due_at=ny(3, 3, 15)), reached(ny(3, 3, 11))]
    assert callback(*facts).state is State.MET


def test_a_call_that_names_no_promise_keeps_all_of_them() -> None:
    facts = [promised(ny(3, 3, 10), "a"), promised(ny(3, 3, 10), "b"), reached(ny(3, 3, 11), "x")]
    assert [callback(*facts, subject=each).state for each in "ab"] == [State.MET, State.MET]


def test_a_call_that_names_a_promise_keeps_only_that_one() -> None:
    facts = [promised(ny(3, 3, 10), "a"), promised(ny(3, 3, 10), "b"), reached(ny(3, 3, 11), "a")]
    assert [callback(*facts, subject=each).state for each in "ab"] == [State.MET, State.BREACHED]


def test_the_call_in_which_another_was_promised_does_not_keep_it() -> None:
    at = ny(3, 3, 10)
    assert callback(promised(at), reached(at), now=ny(3, 3, 11)).state is State.RUNNING


def test_attempts_keep_no_promise_unless_the_policy_counts_them() -> None:
    tries = [attempted(ny(3, 3, 10, minute)) for minute in (10, 20, 30)]
    assert callback(promised(ny(3, 3, 10)), *tries).state is State.BREACHED


def test_the_policys_number_of_attempts_keeps_the_promise() -> None:
    three = plan(START, target(CALLBACK, hours(2), attempts=3))
    tries = [attempted(ny(3, 3, 10, minute)) for minute in (10, 20, 30)]
    found = callback(promised(ny(3, 3, 10)), *tries, under=three)
    assert (found.state, found.satisfied_at) == (State.MET, ny(3, 3, 10, 30))
    two = callback(promised(ny(3, 3, 10)), *tries[:2], under=three, now=ny(3, 3, 11))
    assert two.state is State.RUNNING


def test_attempts_before_the_promise_do_not_count() -> None:
    once = plan(START, target(CALLBACK, hours(2), attempts=1))
    facts = [attempted(ny(3, 3, 9, 30)), promised(ny(3, 3, 10))]
    assert callback(*facts, under=once, now=ny(3, 3, 11)).state is State.RUNNING


def test_a_withdrawn_promise_is_cancelled_and_keeps_its_breach() -> None:
    withdrawn = fact(FactKind.CALLBACK_WITHDRAWN, ny(3, 3, 11), subject="a")
    assert callback(promised(ny(3, 3, 10)), withdrawn).state is State.CANCELLED
    late = fact(FactKind.CALLBACK_WITHDRAWN, ny(3, 3, 15), subject="a")
    found = callback(promised(ny(3, 3, 10)), late)
    assert (found.state, found.breached_at) == (State.CANCELLED, ny(3, 3, 12))


def test_promising_anew_replaces_the_promise() -> None:
    facts = [
        promised(ny(3, 3, 10), due_at=ny(3, 3, 15)),
        promised(ny(3, 3, 14), due_at=ny(3, 4, 10)),
    ]
    assert callback(*facts).state is State.CANCELLED
    assert callback(*facts, cycle=2).due_at == ny(3, 4, 10)


def test_solving_the_ticket_does_not_forget_a_promised_call() -> None:
    found = callback(promised(ny(3, 3, 10)), status(ny(3, 3, 11), "solved"))
    assert found.state is State.BREACHED


def test_pending_does_not_pause_a_promised_call() -> None:
    pausing = plan(START, target(CALLBACK, hours(2), pause_on=frozenset({"pending"})))
    facts = [promised(ny(3, 3, 10)), status(ny(3, 3, 10, 30), "pending")]
    assert callback(*facts, under=pausing).breached_at == ny(3, 3, 12)


def expert(*facts: Fact, now: datetime = LATER, cycle: int = 1) -> ClockState:
    return clock([opened(START), *facts], [PLAN], now, EXPERT, cycle, "q")


def question(kind: FactKind, at: datetime, subject: str = "q") -> Fact:
    return fact(kind, at, subject=subject)


ASKED = question(FactKind.EXPERT_ASKED, ny(3, 3, 10))


def test_an_expert_meets_the_clock_by_answering() -> None:
    answered = question(FactKind.EXPERT_ANSWERED, ny(3, 3, 14))
    assert expert(ASKED, answered).state is State.MET
    assert expert(ASKED, now=ny(3, 3, 15)).breached_at == ny(3, 3, 14)


def test_withdrawing_the_question_satisfies_it() -> None:
    assert expert(ASKED, question(FactKind.EXPERT_WITHDRAWN, ny(3, 3, 11))).state is State.MET


def test_another_experts_answer_does_not() -> None:
    other = question(FactKind.EXPERT_ANSWERED, ny(3, 3, 11), "other")
    assert expert(ASKED, other).state is State.BREACHED


def test_reminding_an_expert_restarts_nothing_and_asking_again_does() -> None:
    reminded = question(FactKind.EXPERT_ASKED, ny(3, 3, 12))
    assert expert(ASKED, reminded, now=ny(3, 3, 13)).due_at == ny(3, 3, 14)
    answered = question(FactKind.EXPERT_ANSWERED, ny(3, 3, 11))
    assert expert(ASKED, answered, reminded, now=ny(3, 3, 13), cycle=2).due_at == ny(3, 3, 16)


def test_an_experts_clock_is_silent_while_the_ticket_is_solved() -> None:
    assert expert(ASKED, status(ny(3, 3, 11), "solved")).state is State.CANCELLED


def test_a_promise_in_elapsed_time_ignores_the_office() -> None:
    elapsed = plan(START, target(CALLBACK, timedelta(minutes=30), calendar=None))
    found = callback(promised(ny(3, 7, 12)), under=elapsed, now=ny(3, 7, 12))
    assert found.due_at == ny(3, 7, 12, 30)
    assert not OFFICE.is_open(found.due_at)


def test_a_call_to_another_keeps_the_promise_it_names_and_no_other() -> None:
    def another(subject: str) -> Fact:
        return fact(FactKind.CALL_TO_ANOTHER, ny(3, 3, 11), subject=subject)

    assert callback(promised(ny(3, 3, 10)), another("a")).state is State.MET
    for subject in ("b", ""):
        assert callback(promised(ny(3, 3, 10)), another(subject)).state is State.BREACHED


def test_a_promise_keeps_its_clock_where_another_schedule_has_no_time_for_calls() -> None:
    facts = [opened(START), promised(ny(3, 3, 10))]
    for silent in (plan(ny(3, 3, 11)), plan(ny(3, 3, 11), target(CALLBACK, None))):
        found = clock(facts, [PLAN, silent], ny(3, 3, 11, 30), CALLBACK, 1, "a")
        assert (found.state, found.due_at, found.plan) == (State.RUNNING, ny(3, 3, 12), PLAN)
        late = clock(facts, [PLAN, silent], ny(3, 3, 13), CALLBACK, 1, "a")
        assert (late.state, late.breached_at) == (State.BREACHED, ny(3, 3, 12))


def test_a_promise_made_under_a_schedule_without_time_for_calls_gets_none_from_before() -> None:
    facts = [opened(START), promised(ny(3, 3, 12))]
    assert replay(facts, [PLAN, plan(ny(3, 3, 11))], ny(3, 3, 13)) == ()


def test_a_schedule_with_time_for_calls_takes_over_again() -> None:
    longer = plan(ny(3, 3, 12), target(CALLBACK, hours(5)))
    facts = [opened(START), promised(ny(3, 3, 10))]
    found = clock(facts, [PLAN, plan(ny(3, 3, 11)), longer], ny(3, 3, 12), CALLBACK, 1, "a")
    assert (found.due_at, found.plan) == (ny(3, 3, 15), longer)


def test_a_kept_promise_is_met_under_a_schedule_without_time_for_calls() -> None:
    facts = [opened(START), promised(ny(3, 3, 10)), reached(ny(3, 3, 11, 30), "a")]
    found = clock(facts, [PLAN, plan(ny(3, 3, 11))], LATER, CALLBACK, 1, "a")
    assert (found.state, found.satisfied_at) == (State.MET, ny(3, 3, 11, 30))


def test_a_call_that_says_what_it_is_about_keeps_that_and_no_other() -> None:
    facts = [promised(ny(3, 3, 10), "a"), promised(ny(3, 3, 10), "b")]
    for about, states in (
        ((), [State.BREACHED, State.BREACHED]),
        (("b",), [State.BREACHED, State.MET]),
        (("a", "b"), [State.MET, State.MET]),
        (("x",), [State.BREACHED, State.BREACHED]),
    ):
        call = fact(FactKind.CALL_REACHED, ny(3, 3, 11), promises=about)
        assert [callback(*facts, call, subject=each).state for each in "ab"] == states


def test_a_try_that_is_about_no_promise_counts_for_none() -> None:
    once = plan(START, target(CALLBACK, hours(2), attempts=1))
    for about, state in (((), State.BREACHED), (("a",), State.MET)):
        call = fact(FactKind.CALL_ATTEMPTED, ny(3, 3, 11), promises=about)
        assert callback(promised(ny(3, 3, 10)), call, under=once).state is state
