"""The ladder: warnings, the breach, the climb, and what a long sleep does to them."""

from datetime import datetime, timedelta

from escalation.sla.clock import State, replay
from escalation.sla.ladder import BREACH, WARNED, Due, StepKey, StepKind, next_rung, next_step
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


def step(level: int, repeat: int = 0, prefix: str = "") -> StepKey:
    return StepKey(StepKind.STEP, f"{prefix}{level}", repeat)


def due(
    now: datetime,
    done: set[StepKey] | None = None,
    *facts: Fact,
    owed: Target = OWED,
    acknowledged_at: datetime | None = None,
) -> Due | None:
    found = clock([opened(START), *facts], [plan(START, owed)], now, owed.metric)
    return next_step(found, done or set(), now, acknowledged_at=acknowledged_at)


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
    assert due(ny(3, 3, 13, 5), {BREACH}) == Due(step(1), DUE, 1, "chain")


def test_after_the_breach_the_path_is_climbed_level_by_level() -> None:
    now = DUE + MICROSECOND
    assert due(now, RECORDED) == Due(step(1), DUE, 1, "chain")
    assert due(now, {*RECORDED, step(1)}) == Due(step(2), DUE + 15 * MINUTE, 2, "chain")
    assert due(now, {*RECORDED, step(1), step(2)}) == Due(step(3), DUE + HOUR, 3, "chain")
    assert due(now, {*RECORDED, step(1), step(2), step(3)}) is None


def test_after_downtime_only_the_level_that_stands_now_is_told() -> None:
    found = due(DUE + 20 * MINUTE, RECORDED)
    assert found == Due(step(2), DUE + 15 * MINUTE, 2, "chain", (step(1),))


def test_a_level_passed_over_never_comes_back_even_if_nobody_wrote_it_down() -> None:
    found = due(DUE + 20 * MINUTE, {*RECORDED, step(2)})
    assert found == Due(step(3), DUE + HOUR, 3, "chain")


def test_answering_in_time_leaves_nothing_to_happen() -> None:
    assert due(ny(3, 3, 12), None, reply(ny(3, 3, 10))) is None
    assert due(ny(3, 4, 12), {WARNING_50}, reply(ny(3, 3, 12))) is None


def test_answering_late_ends_the_climb_but_the_breach_is_recorded() -> None:
    answered = reply(ny(3, 3, 13, 10))
    assert due(ny(3, 3, 14), WARNINGS, answered) == Due(BREACH, DUE)
    assert due(ny(3, 3, 14), RECORDED, answered) is None


def test_solving_ends_the_climb() -> None:
    assert due(ny(3, 3, 14), RECORDED, status(ny(3, 3, 13, 10), "solved")) is None


def test_acknowledging_stops_the_climb() -> None:
    done = {*RECORDED, step(1)}
    assert due(ny(3, 3, 14), done, acknowledged_at=ny(3, 3, 13, 5)) is None


def test_an_acknowledgement_of_before_the_breach_does_not() -> None:
    found = due(DUE + MICROSECOND, RECORDED, acknowledged_at=ny(3, 3, 12))
    assert found == Due(step(1), DUE, 1, "chain")


def test_acknowledging_does_not_hide_the_breach() -> None:
    found = due(ny(3, 3, 14), WARNINGS, acknowledged_at=ny(3, 3, 13, 30))
    assert found == Due(BREACH, DUE)


def test_a_clock_without_a_path_breaks_and_is_done() -> None:
    assert due(ny(3, 3, 14), {BREACH}, owed=target(FIRST, hours(4))) is None


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


def climb(now: datetime, done: set[StepKey], acknowledged_at: datetime | None = None) -> Due | None:
    return next_rung(REPEATING, START, done, now, acknowledged_at)


def test_a_step_repeats_until_acknowledged() -> None:
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
    assert found == Due(step(2), START + 15 * MINUTE, 2, "insist", (step(1, 1), step(1, 2)))


def test_of_one_level_only_the_latest_overdue_repeat_is_told() -> None:
    found = climb(START + 12 * MINUTE, set())
    assert found == Due(step(1, 1), START + 10 * MINUTE, 1, "insist", (step(1),))


def test_two_levels_of_the_same_instant_are_both_told() -> None:
    both = Path("both", (Step(1, timedelta(0)), Step(2, timedelta(0))))
    first = next_rung(both, START, set(), START)
    second = next_rung(both, START, {step(1)}, START)
    assert first == Due(step(1), START, 1, "both")
    assert second == Due(step(2), START, 2, "both")


def test_a_climb_of_its_own_stops_when_acknowledged() -> None:
    assert climb(START + 12 * MINUTE, {step(1)}, START + 5 * MINUTE) is None
    assert climb(START + 12 * MINUTE, {step(1)}, START - 5 * MINUTE) is not None


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


NUDGE = Path("nudge", (Step(1, timedelta(0)), Step(2, 30 * MINUTE)))
NUDGED = target(FIRST, hours(4), warnings=(HALF,), path=CHAIN, warning_path=NUDGE)


def test_a_warning_starts_a_path_of_its_own() -> None:
    at = ny(3, 3, 11)
    assert due(at, owed=NUDGED) == Due(WARNING_50, at, path="nudge")
    first = due(at, {WARNING_50}, owed=NUDGED)
    assert first == Due(step(1, prefix=WARNED), at, 1, "nudge")
    second = due(at, {WARNING_50, step(1, prefix=WARNED)}, owed=NUDGED)
    assert second == Due(step(2, prefix=WARNED), at + 30 * MINUTE, 2, "nudge")


def test_the_breach_ends_the_path_of_the_warning() -> None:
    found = due(ny(3, 3, 14), {WARNING_50, BREACH}, owed=NUDGED)
    assert found is not None
    assert found.path == "chain"


def test_the_breach_comes_before_a_later_nudge() -> None:
    slow = Path("slow", (Step(1, hours(5)),))
    owed = target(FIRST, hours(4), warnings=(HALF,), warning_path=slow)
    assert due(ny(3, 3, 12), {WARNING_50}, owed=owed) == Due(BREACH, DUE + MICROSECOND)


def test_a_paused_clock_climbs_no_path_of_a_warning() -> None:
    owed = target(
        Metric.RESOLUTION,
        hours(4),
        warnings=(HALF,),
        warning_path=NUDGE,
        pause_on=frozenset({"pending"}),
    )
    paused = status(ny(3, 3, 11, 5), "pending")
    assert due(ny(3, 3, 12), {WARNING_50}, paused, owed=owed) is None


def test_acknowledging_a_warning_ends_its_path_and_leaves_the_breach() -> None:
    found = due(ny(3, 3, 12), {WARNING_50}, owed=NUDGED, acknowledged_at=ny(3, 3, 11, 30))
    assert found == Due(BREACH, DUE + MICROSECOND)


def test_one_notice_a_day_is_no_limit() -> None:
    # Two waits broken on one day are two breaches and two climbs.
    facts = [opened(START), reply(ny(3, 3, 9, 30))]
    for hour in (10, 13):
        facts += [message(ny(3, 3, hour)), reply(ny(3, 3, hour + 2))]
    owed = plan(START, target(Metric.NEXT_REPLY, HOUR, path=CHAIN))
    found = [next_step(each, (), ny(3, 3, 17)) for each in replay(facts, [owed], ny(3, 3, 17))]
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
            coming = next_step(found, done, now)
            if coming is None or coming.at > now:
                break
            told.append(coming)
            done |= {coming.key, *coming.passed_over}
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
        facts = [(each.key, each.at) for each in told if each.key.kind != StepKind.STEP]
        assert facts[-1] == (BREACH, DUE)
        assert [key for key, _ in facts] == [WARNING_50, WARNING_90, BREACH]
        keys = [each.key for each in told]
        assert len(keys) == len(set(keys))
        passed = {key for each in told for key in each.passed_over}
        assert {*keys, *passed} == {*RECORDED, step(1), step(2), step(3)}
        assert not passed & set(keys)


def test_escalation_stops_though_the_answer_was_learned_of_late() -> None:
    sent = Fact(FactKind.REPLY_RELEASED, ny(3, 3, 12), recorded_at=ny(3, 3, 13, 30))
    found = clock([opened(START), sent], [plan(START, OWED)], ny(3, 3, 14), FIRST)
    assert found.state is State.MET
    assert next_step(found, WARNINGS, ny(3, 3, 14)) is None
