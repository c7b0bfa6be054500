"""Priority, category and policy changes: rules 4, 7 and 8."""

from datetime import date, datetime

from escalation.sla.clock import ClockState, State, replay
from escalation.sla.hours import CalendarException, CalendarHistory, WorkCalendar
from escalation.sla.values import Fact, FactKind, Metric, Plan, Threshold
from tests.sla.world import (
    CHAIN,
    HOUR,
    OFFICE,
    OFFICE_DAYS,
    WARN_90,
    clock,
    fact,
    hours,
    ny,
    opened,
    plan,
    reply,
    status,
    target,
)

FIRST, RESOLUTION = Metric.FIRST_REPLY, Metric.RESOLUTION
START = ny(3, 3, 9)
PENDING = frozenset({"pending"})


def wants(at: datetime, amount: float | None, **details: object) -> Plan:
    return plan(at, target(RESOLUTION, hours(amount) if amount is not None else None, **details))


def resolution(*facts: Fact, plans: list[Plan], now: datetime, cycle: int = 1) -> ClockState:
    return clock([opened(START), *facts], plans, now, RESOLUTION, cycle)


def test_a_tighter_target_leaves_what_is_not_yet_used_of_it() -> None:
    plans = [wants(START, 8), wants(ny(3, 3, 10), 2)]
    assert resolution(plans=plans, now=ny(3, 3, 10)).due_at == ny(3, 3, 11)


def test_the_old_target_does_not_survive_a_change() -> None:
    plans = [wants(START, 1), wants(ny(3, 3, 9, 30), 8)]
    found = resolution(plans=plans, now=ny(3, 3, 16))
    assert (found.state, found.due_at, found.breached_at) == (State.RUNNING, ny(3, 3, 17), None)


def test_a_change_at_the_very_deadline_still_saves_it() -> None:
    plans = [wants(START, 1), wants(ny(3, 3, 10), 8)]
    assert resolution(plans=plans, now=ny(3, 3, 12)).state is State.RUNNING


def test_a_deadline_in_the_past_breaks_at_the_change_and_is_not_backdated() -> None:
    plans = [wants(START, 8), wants(ny(3, 3, 12), 2)]
    found = resolution(plans=plans, now=ny(3, 3, 13))
    assert (found.breached_at, found.due_at) == (ny(3, 3, 12), ny(3, 3, 11))
    assert found.remaining == -hours(2)


def test_relaxing_does_not_erase_a_breach_that_happened() -> None:
    plans = [wants(START, 1), wants(ny(3, 3, 12), 40)]
    found = resolution(plans=plans, now=ny(3, 3, 13))
    assert (found.state, found.breached_at) == (State.BREACHED, ny(3, 3, 10))


def test_dropping_the_target_altogether_does_not_erase_a_breach() -> None:
    plans = [wants(START, 1, path=CHAIN), wants(ny(3, 3, 12), None)]
    found = resolution(plans=plans, now=ny(3, 3, 13))
    assert (found.state, found.breached_at) == (State.BREACHED, ny(3, 3, 10))
    assert found.breached_under is not None
    assert found.breached_under.path == CHAIN


def test_the_path_of_the_target_that_broke_climbs_after_a_relaxation() -> None:
    plans = [wants(START, 1, path=CHAIN), wants(ny(3, 3, 12), 40)]
    found = resolution(plans=plans, now=ny(3, 3, 13))
    assert found.breached_under is not None
    assert found.breached_under.duration == HOUR


def test_a_retarget_keeps_the_time_used_in_the_old_calendar() -> None:
    elapsed = wants(START, 40, calendar=None)
    plans = [elapsed, wants(ny(3, 4, 9), 26)]
    found = resolution(plans=plans, now=ny(3, 4, 9))
    assert (found.used, found.due_at) == (hours(24), ny(3, 4, 11))


def test_a_policy_applied_later_sees_earlier_pauses() -> None:
    paused = [status(ny(3, 3, 10), "pending"), status(ny(3, 3, 12), "open")]
    plans = [wants(START, 8, pause_on=PENDING), wants(ny(3, 3, 13), 4, pause_on=PENDING)]
    found = resolution(*paused, plans=plans, now=ny(3, 3, 13))
    assert (found.used, found.due_at) == (hours(2), ny(3, 3, 15))


def test_a_policy_applied_later_sees_pauses_the_old_one_ignored() -> None:
    paused = [status(ny(3, 3, 10), "pending"), status(ny(3, 3, 12), "open")]
    plans = [wants(START, 8), wants(ny(3, 3, 13), 4, pause_on=PENDING)]
    assert resolution(*paused, plans=plans, now=ny(3, 3, 13)).used == hours(2)


def test_time_the_old_policy_paused_is_not_used_by_the_new_one() -> None:
    paused = [status(ny(3, 3, 10), "pending"), status(ny(3, 3, 12), "open")]
    plans = [wants(START, 8, pause_on=PENDING), wants(ny(3, 3, 13), 4)]
    assert resolution(*paused, plans=plans, now=ny(3, 3, 13)).used == hours(2)


def test_no_target_makes_no_clock() -> None:
    assert replay([opened(START)], [wants(START, None)], ny(3, 3, 12)) == ()
    assert replay([opened(START)], [plan(START)], ny(3, 3, 12)) == ()


def test_a_target_that_comes_later_counts_from_the_true_start() -> None:
    paused = [status(ny(3, 3, 10), "pending"), status(ny(3, 3, 11), "open")]
    plans = [wants(START, None), wants(ny(3, 3, 12), 4, pause_on=PENDING)]
    found = resolution(*paused, plans=plans, now=ny(3, 3, 12))
    assert (found.started_at, found.used, found.due_at) == (START, hours(2), ny(3, 3, 14))


def test_a_target_that_comes_too_late_breaks_at_its_coming() -> None:
    plans = [wants(START, None), wants(ny(3, 3, 15), 4)]
    assert resolution(plans=plans, now=ny(3, 3, 15)).breached_at == ny(3, 3, 15)


def test_a_clock_whose_target_is_taken_away_is_cancelled_until_it_has_one_again() -> None:
    plans = [wants(START, 8), wants(ny(3, 3, 12), None), wants(ny(3, 3, 14), 8)]
    gone = resolution(plans=plans, now=ny(3, 3, 13))
    assert (gone.state, gone.stopped_at) == (State.CANCELLED, ny(3, 3, 12))
    back = resolution(plans=plans, now=ny(3, 3, 15))
    assert (back.state, back.due_at) == (State.RUNNING, ny(3, 3, 17))


def test_answered_while_nothing_was_owed_is_no_verdict() -> None:
    plans = [wants(START, 8), wants(ny(3, 3, 12), None)]
    found = resolution(status(ny(3, 3, 13), "solved"), plans=plans, now=ny(3, 3, 14))
    assert (found.state, found.stopped_at) == (State.CANCELLED, ny(3, 3, 12))


def test_a_policy_that_disappears_leaves_no_running_clock() -> None:
    plans = [wants(START, 8), plan(ny(3, 3, 12))]
    assert resolution(plans=plans, now=ny(3, 3, 13)).state is State.CANCELLED


def test_a_change_after_the_answer_changes_nothing() -> None:
    facts = [opened(START), reply(ny(3, 3, 11))]
    four, one = (target(FIRST, hours(each)) for each in (4, 1))
    found = clock(facts, [plan(START, four), plan(ny(3, 3, 12), one)], ny(3, 3, 13), FIRST)
    assert (found.state, found.target) == (State.MET, four)


def test_a_reply_and_a_change_of_the_same_instant_are_judged_by_the_old_target() -> None:
    facts = [opened(START), reply(ny(3, 3, 12))]
    four, one = (target(FIRST, hours(each)) for each in (4, 1))
    found = clock(facts, [plan(START, four), plan(ny(3, 3, 12), one)], ny(3, 3, 13), FIRST)
    assert found.state is State.MET


def test_of_two_plans_of_one_instant_the_later_given_holds() -> None:
    plans = [wants(START, 8), wants(ny(3, 3, 10), 2), wants(ny(3, 3, 10), 4)]
    assert resolution(plans=plans, now=ny(3, 3, 10)).due_at == ny(3, 3, 13)


def test_running_clocks_keep_their_version_until_one_is_applied() -> None:
    # Editing a policy adds no plan to a ticket; only applying it does.
    found = resolution(plans=[wants(START, 8)], now=ny(3, 3, 10))
    assert found.plan == wants(START, 8)


def test_a_plan_still_to_come_does_not_count() -> None:
    plans = [wants(START, 8), wants(ny(3, 3, 12), 2)]
    assert resolution(plans=plans, now=ny(3, 3, 11)).due_at == ny(3, 3, 17)


def test_a_holiday_declared_while_a_clock_runs_moves_its_deadline() -> None:
    closed = WorkCalendar(
        "America/New_York", OFFICE_DAYS, [CalendarException(date(2026, 3, 4), name="Storm")]
    )
    edited = CalendarHistory([(ny(1, 1), OFFICE), (ny(3, 3, 18), closed)])
    found = resolution(plans=[wants(START, 10, calendar=edited)], now=ny(3, 3, 18))
    assert found.due_at == ny(3, 5, 11)


def test_a_breach_recorded_before_a_holiday_was_declared_stays() -> None:
    recorded = fact(FactKind.BREACH_RECORDED, ny(3, 3, 17), metric=RESOLUTION, cycle=1)
    found = resolution(recorded, plans=[wants(START, 16)], now=ny(3, 4, 9))
    assert (found.state, found.breached_at) == (State.BREACHED, ny(3, 3, 17))
    solved = resolution(
        recorded, status(ny(3, 4, 10), "solved"), plans=[wants(START, 16)], now=ny(3, 4, 11)
    )
    assert solved.state is State.MET_LATE


def test_a_recorded_breach_keeps_its_instant_whatever_is_learned_later() -> None:
    recorded = fact(FactKind.BREACH_RECORDED, ny(3, 3, 13), metric=RESOLUTION, cycle=1)
    found = resolution(recorded, plans=[wants(START, 2)], now=ny(3, 3, 14))
    assert found.breached_at == ny(3, 3, 13)


def test_a_recorded_breach_belongs_to_its_own_cycle() -> None:
    recorded = fact(FactKind.BREACH_RECORDED, ny(3, 3, 17), metric=RESOLUTION, cycle=2)
    found = resolution(recorded, plans=[wants(START, 16)], now=ny(3, 4, 9))
    assert found.state is State.RUNNING


def test_an_answer_learned_of_after_its_breach_was_recorded_is_late() -> None:
    first = target(FIRST, hours(4))
    sent = Fact(FactKind.REPLY_RELEASED, ny(3, 3, 12, 59), recorded_at=ny(3, 3, 13, 1))
    facts = [
        opened(START),
        sent,
        fact(FactKind.BREACH_RECORDED, ny(3, 3, 13), metric=FIRST, cycle=1),
    ]
    found = clock(facts, [plan(START, first)], ny(3, 3, 13, 2), FIRST)
    assert found.state is State.MET_LATE


def test_warnings_follow_the_new_target_and_are_not_backdated() -> None:
    plans = [wants(START, 8), wants(ny(3, 3, 12), 3.25, warnings=(WARN_90,))]
    assert resolution(plans=plans, now=ny(3, 3, 12)).warnings == ((WARN_90, ny(3, 3, 12)),)


def test_a_warning_before_the_deadline_is_measured_in_the_targets_own_time() -> None:
    half = Threshold(before=HOUR / 2)
    found = resolution(plans=[wants(START, 8.25, warnings=(half,))], now=START)
    assert found.due_at == ny(3, 4, 9, 15)
    assert found.warnings == ((half, ny(3, 3, 16, 45)),)


def test_a_warning_longer_than_the_target_comes_at_its_start() -> None:
    whole = Threshold(before=hours(9))
    found = resolution(plans=[wants(START, 8, warnings=(whole,))], now=START)
    assert found.warnings == ((whole, START),)


def test_a_paused_clock_promises_no_warning_but_keeps_those_that_were() -> None:
    half = Threshold(percent=50)
    wanted = wants(START, 4, warnings=(half, WARN_90), pause_on=PENDING)
    found = resolution(status(ny(3, 3, 11, 30), "pending"), plans=[wanted], now=ny(3, 3, 12))
    assert found.warnings == ((half, ny(3, 3, 11)),)
