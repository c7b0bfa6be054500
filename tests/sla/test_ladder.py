"""The ladder: warnings, the breach, the climb, and what a long sleep does to them."""

from datetime import datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from escalation.sla.clock import State, replay
from escalation.sla.hours import WorkCalendar
from escalation.sla.ladder import BREACH, Due, StepKey, StepKind, next_fact, next_rung, rungs
from escalation.sla.values import Fact, FactKind, Metric, Path, Plan, Step, Target, Threshold
from tests.sla.world import (
    CHAIN,
    HOUR,
    MICROSECOND,
    MINUTE,
    OFFICE,
    WARN_90,
    clock,
    hours,
    message,
    ny,
    opened,
    plan,
    reply,
    status,
    target,
)

START = ny(3, 3, 9)
DUE = ny(3, 3, 13)
HALF = Threshold(percent=50)
FIRST = Metric.FIRST_REPLY
OWED = target(FIRST, hours(4), warnings=(WARN_90, HALF), path=CHAIN)
WARNING_50, WARNING_90 = (StepKey(StepKind.WARNING, key) for key in ("50%", "90%"))
WARNINGS = {WARNING_50, WARNING_90}
RECORDED = {*WARNINGS, BREACH}


def step(level: int, repeat: int = 0) -> StepKey:
    return StepKey(StepKind.STEP, str(level), repeat)


def due(
    now: datetime,
    done: set[StepKey] | None = None,
    *facts: Fact,
    owed: Target = OWED,
) -> Due | None:
    found = clock([opened(START), *facts], [plan(START, owed)], now, owed.metric)
    return next_fact(found, done or set())


def rung(now: datetime, *told: StepKey) -> Due | None:
    """Of the climb that the breach began."""
    return next_rung(CHAIN, DUE, set(told), now)


def test_first_comes_the_earliest_warning() -> None:
    assert due(START) == Due(WARNING_50, ny(3, 3, 11))


def test_then_the_next_warning_and_then_the_breach() -> None:
    assert due(START, {WARNING_50}) == Due(WARNING_90, ny(3, 3, 12, 36))
    assert due(START, WARNINGS) == Due(BREACH, DUE + MICROSECOND)


def test_each_warning_comes_once() -> None:
    assert due(ny(3, 3, 12, 40), {WARNING_50}) == Due(WARNING_90, ny(3, 3, 12, 36))
    assert due(ny(3, 3, 12, 40), WARNINGS) == Due(BREACH, DUE + MICROSECOND)


def test_a_breach_has_its_true_instant_when_it_is_found_later() -> None:
    assert due(ny(3, 3, 18), WARNINGS) == Due(BREACH, DUE)


def test_at_the_deadline_itself_nothing_is_broken_yet() -> None:
    found = due(DUE, WARNINGS)
    assert found is not None
    assert found.at > DUE


def test_after_downtime_overdue_facts_come_in_order_with_their_instants() -> None:
    now, done = ny(3, 4, 12), set()
    seen = []
    for _ in range(3):
        found = due(now, done)
        assert found is not None
        seen.append((found.key, found.at))
        done.add(found.key)
    assert seen == [
        (WARNING_50, ny(3, 3, 11)),
        (WARNING_90, ny(3, 3, 12, 36)),
        (BREACH, DUE),
    ]


def test_a_warning_whose_breach_is_recorded_is_skipped() -> None:
    assert due(ny(3, 3, 13, 5), {BREACH}) is None


def test_after_the_breach_the_path_is_climbed_level_by_level() -> None:
    now = DUE + MICROSECOND
    assert rung(now) == Due(step(1), DUE, 1)
    assert rung(now, step(1)) == Due(step(2), DUE + 15 * MINUTE, 2)
    assert rung(now, step(1), step(2)) == Due(step(3), DUE + HOUR, 3)
    assert rung(now, step(1), step(2), step(3)) is None


def test_after_downtime_only_the_level_that_stands_now_is_told() -> None:
    assert rung(DUE + 20 * MINUTE) == Due(step(2), DUE + 15 * MINUTE, 2, (step(1),))


def test_a_level_passed_over_never_comes_back_even_if_nobody_wrote_it_down() -> None:
    assert rung(DUE + 20 * MINUTE, step(2)) == Due(step(3), DUE + HOUR, 3)


def test_answering_in_time_leaves_nothing_to_happen() -> None:
    assert due(ny(3, 3, 12), None, reply(ny(3, 3, 10))) is None
    assert due(ny(3, 4, 12), {WARNING_50}, reply(ny(3, 3, 12))) is None


def test_answering_late_does_not_hide_the_breach() -> None:
    answered = reply(ny(3, 3, 13, 10))
    assert due(ny(3, 3, 14), WARNINGS, answered) == Due(BREACH, DUE)
    assert due(ny(3, 3, 14), RECORDED, answered) is None


def test_a_paused_clock_waits_for_nothing() -> None:
    owed = target(Metric.RESOLUTION, hours(4), pause_on=frozenset({"pending"}))
    assert due(ny(3, 3, 11), None, status(ny(3, 3, 10), "pending"), owed=owed) is None


def test_a_warning_that_came_before_the_pause_is_still_sent() -> None:
    owed = target(Metric.RESOLUTION, hours(4), pause_on=frozenset({"pending"}), warnings=(HALF,))
    found = due(ny(3, 3, 12), None, status(ny(3, 3, 11, 30), "pending"), owed=owed)
    assert found == Due(WARNING_50, ny(3, 3, 11))


REPEATING = Path(
    "insist",
    (
        Step(1, timedelta(0), repeats=2, every=10 * MINUTE),
        Step(2, 15 * MINUTE, repeats=1, every=10 * MINUTE),
    ),
)


def climb(now: datetime, done: set[StepKey]) -> Due | None:
    return next_rung(REPEATING, START, done, now)


def test_a_step_repeats_as_often_as_it_says() -> None:
    done: set[StepKey] = set()
    told = []
    for minute in (0, 10, 15, 20, 25):
        now = START + minute * MINUTE
        found = climb(now, done)
        assert found is not None
        assert found.at == now
        told.append((found.level, found.key.repeat))
        done.add(found.key)
    assert told == [(1, 0), (1, 1), (2, 0), (1, 2), (2, 1)]
    assert climb(START + HOUR, done) is None


def test_a_repeat_is_passed_over_once_a_higher_level_stands() -> None:
    found = climb(START + 22 * MINUTE, {step(1)})
    assert found == Due(step(2), START + 15 * MINUTE, 2, (step(1, 1), step(1, 2)))


def test_of_one_level_only_the_latest_overdue_repeat_is_told() -> None:
    found = climb(START + 12 * MINUTE, set())
    assert found == Due(step(1, 1), START + 10 * MINUTE, 1, (step(1),))


def test_two_levels_of_the_same_instant_are_both_told() -> None:
    both = Path("both", (Step(1, timedelta(0)), Step(2, timedelta(0))))
    first = next_rung(both, START, set(), START)
    second = next_rung(both, START, {step(1)}, START)
    assert first == Due(step(1), START, 1)
    assert second == Due(step(2), START, 2)


def test_an_empty_path_has_no_rungs() -> None:
    assert next_rung(Path("nobody", ()), START, set(), START) is None


def test_a_delay_in_a_calendar_wakes_nobody_at_night() -> None:
    path = Path("office", (Step(1, 30 * MINUTE, OFFICE, repeats=1, every=HOUR),))
    found = next_rung(path, ny(3, 6, 16, 45), set(), ny(3, 6, 17))
    assert found is not None
    assert found.at == ny(3, 9, 9, 15)
    again = next_rung(path, ny(3, 6, 16, 45), {step(1)}, ny(3, 9, 9, 15))
    assert again is not None
    assert again.at == ny(3, 9, 10, 15)


def test_a_continuation_counts_from_the_last_telling_before_it() -> None:
    path = Path(
        "on",
        (
            Step(1, 8 * HOUR, OFFICE, repeats=2, every=HOUR),
            Step(2, timedelta(0), after=1),
            Step(3, HOUR, after=1),
            Step(4, HOUR, OFFICE, after=3),
        ),
    )
    found = [(rung.level, rung.repeat, rung.at) for rung in rungs(path, ny(3, 5, 14))]
    assert found == [
        (1, 0, ny(3, 6, 14)), (1, 1, ny(3, 6, 15)), (1, 2, ny(3, 6, 16)),
        (2, 0, ny(3, 6, 16)), (3, 0, ny(3, 6, 17)), (4, 0, ny(3, 9, 10)),
    ]  # fmt: skip


@given(st.data())
def test_no_level_of_a_continuation_is_ever_told_before_what_it_continues(
    data: st.DataObject,
) -> None:
    steps, after = [], 0
    for level in range(1, data.draw(st.integers(2, 5)) + 1):
        if data.draw(st.booleans()):
            after = level - 1
        repeats = data.draw(st.integers(0, 3))
        steps.append(
            Step(
                level, MINUTE * data.draw(st.integers(0, 3000)),
                data.draw(st.sampled_from([None, OFFICE])), repeats,
                MINUTE * data.draw(st.integers(1, 900)) if repeats else None, after=after,
            )
        )  # fmt: skip
    found = rungs(Path("any", tuple(steps)), START + MINUTE * data.draw(st.integers(0, 20000)))
    for step in steps:
        before = [rung.at for rung in found if rung.level <= step.after]
        assert all(
            rung.at >= max(before, default=START) for rung in found if rung.level == step.level
        )


def test_a_level_whose_hours_never_come_is_told_by_the_clock_on_the_wall() -> None:
    rare = WorkCalendar("UTC", {0: [(time(9), time(9, 1))]}, name="Rare")
    path = Path("rare", (Step(1, hours(10000), rare, 1, hours(9000)), Step(2, HOUR, after=1)))
    found = [(rung.level, rung.at - START) for rung in rungs(path, START)]
    assert found == [(1, hours(10000)), (1, hours(19000)), (2, hours(19001))]


def test_one_notice_a_day_is_no_limit() -> None:
    # Two waits broken on one day are two breaches and two climbs.
    facts = [opened(START), reply(ny(3, 3, 9, 30))]
    for hour in (10, 13):
        facts += [message(ny(3, 3, hour)), reply(ny(3, 3, hour + 2))]
    owed = plan(START, target(Metric.NEXT_REPLY, HOUR, path=CHAIN))
    found = [next_fact(each, ()) for each in replay(facts, [owed], ny(3, 3, 17))]
    assert found == [Due(BREACH, ny(3, 3, 11)), Due(BREACH, ny(3, 3, 14))]


def test_a_climb_over_the_spring_night_takes_as_long_as_it_says() -> None:
    path = Path("night", (Step(1, hours(4)),))
    found = next_rung(path, ny(3, 8, 0), set(), ny(3, 8, 0))
    assert found is not None
    assert found.at == ny(3, 8, 5)


def drive(until: datetime, facts: list[Fact], plans: list[Plan], every: timedelta) -> list[Due]:
    """A sweep that looks every so often and records what it did, as the product does."""
    done: set[StepKey] = set()
    told: list[Due] = []
    recorded: list[Fact] = []
    now = START
    while now <= until:
        while True:
            (found,) = replay([*facts, *recorded], plans, now)
            coming = next_fact(found, done)
            if coming is None or coming.at > now:
                break
            told.append(coming)
            done.add(coming.key)
            if coming.key == BREACH:
                recorded.append(
                    Fact(FactKind.BREACH_RECORDED, coming.at, now, metric=FIRST, cycle=1)
                )
        now += every
    return told


def test_a_sweep_of_any_pace_records_the_same_facts_and_ends() -> None:
    plans = [plan(START, OWED)]
    for every in (MINUTE, 7 * MINUTE, hours(3), hours(30)):
        told = drive(START + hours(60), [opened(START)], plans, every)
        assert [each.key for each in told] == [WARNING_50, WARNING_90, BREACH]
        assert told[-1].at == DUE


def test_escalation_stops_though_the_answer_was_learned_of_late() -> None:
    sent = Fact(FactKind.REPLY_RELEASED, ny(3, 3, 12), recorded_at=ny(3, 3, 13, 30))
    found = clock([opened(START), sent], [plan(START, OWED)], ny(3, 3, 14), FIRST)
    assert found.state is State.MET
    assert next_fact(found, WARNINGS) is None
