"""Why this deadline? The account a clock gives of itself."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from escalation.sla.clock import State
from escalation.sla.explain import Explanation, LineKind, explain
from escalation.sla.hours import CalendarException, WorkCalendar
from escalation.sla.values import Fact, FactKind, Metric, Plan
from tests.sla.world import (
    MICROSECOND,
    OFFICE_DAYS,
    WARN_90,
    clock,
    fact,
    hours,
    ny,
    opened,
    plan,
    status,
    target,
)

RESOLUTION = Metric.RESOLUTION
START = ny(3, 3, 9)
PENDING = frozenset({"pending"})


def account(
    *facts: Fact,
    plans: list[Plan],
    now: datetime,
    zone: str = "America/New_York",
    start: datetime = START,
    cycle: int = 1,
) -> Explanation:
    return explain(clock([opened(start), *facts], plans, now, RESOLUTION, cycle), now, zone)


def wants(at: datetime, amount: float, label: str = "Questions v3", **details: object) -> Plan:
    return plan(at, target(RESOLUTION, hours(amount), **details), label=label)


def test_an_account_names_policy_reason_calendar_start_jump_sum_and_deadline() -> None:
    start = ny(3, 6, 16, 30)
    owed = plan(
        start,
        target(RESOLUTION, hours(1), warnings=(WARN_90,)),
        label="Product questions v3",
        because="the category is Product question.",
    )
    found = account(plans=[owed], now=start, start=start)
    assert found.text.splitlines() == [
        "Product questions v3: resolution within 1 h.",
        "It applies because: the category is Product question.",
        "Time is counted in Office hours (America/New_York).",
        "Started Fri 6 Mar 2026 16:30 EST.",
        "Fri 6 Mar 16:30 – 17:00: 30 min.",
        "Closed Fri 6 Mar 17:00 – Mon 9 Mar 09:00.",
        "Mon 9 Mar 09:00 – 09:30: 30 min.",
        "30 min + 30 min = 1 h.",
        "Warning (90%) Mon 9 Mar 2026 09:24 EDT.",
        "Due Mon 9 Mar 2026 09:30 EDT.",
    ]


def test_the_readers_zone_moves_the_print_and_not_the_deadline() -> None:
    start = ny(3, 6, 16, 30)
    found = account(plans=[wants(start, 1)], now=start, start=start, zone="Europe/Paris")
    assert found.lines[-1].text == "Due Mon 9 Mar 2026 14:30 CET."
    assert found.lines[-1].at == ny(3, 9, 9, 30)


def test_a_pause_is_told_with_its_status() -> None:
    paused = [status(ny(3, 3, 11), "pending"), status(ny(3, 4, 11), "open")]
    found = account(*paused, plans=[wants(START, 8, pause_on=PENDING)], now=ny(3, 4, 11))
    assert "Paused Tue 3 Mar 11:00 – Wed 4 Mar 11:00 (pending)." in found.text
    assert "2 h + 6 h = 8 h." in found.text


def test_a_standing_clock_tells_what_is_left() -> None:
    paused = status(ny(3, 3, 11), "pending")
    found = account(paused, plans=[wants(START, 8, pause_on=PENDING)], now=ny(3, 3, 12))
    assert found.lines[-1].text == "No deadline while it waits: 6 h left."


def test_a_retarget_is_told_between_what_was_and_what_came() -> None:
    plans = [wants(START, 8, "Normal v1"), wants(ny(3, 3, 10), 2, "Urgent v1")]
    found = account(plans=plans, now=ny(3, 3, 10))
    assert [line.text for line in found.lines[3:]] == [
        "Tue 3 Mar 09:00 – 10:00: 1 h.",
        "Tue 3 Mar 10:00: changed from Normal v1 to Urgent v1, resolution within 2 h; "
        "the time used is kept.",
        "Tue 3 Mar 10:00 – 11:00: 1 h.",
        "1 h + 1 h = 2 h.",
        "Due Tue 3 Mar 2026 11:00 EST.",
    ]


def test_a_promised_call_is_explained_by_its_promise_whatever_schedules_come_and_go() -> None:
    facts = [opened(START), fact(FactKind.CALLBACK_PROMISED, START, due_at=ny(3, 3, 12))]
    plans = [
        plan(START, target(Metric.CALLBACK, hours(24)), label="Questions v3", because="It fits."),
        plan(ny(3, 3, 10), target(Metric.CALLBACK, hours(48)), label="Urgent v1"),
        plan(ny(3, 3, 11), target(Metric.CALLBACK, None), label="None v1"),
    ]
    found = clock(facts, plans, ny(3, 3, 11, 30), Metric.CALLBACK)
    assert explain(found, ny(3, 3, 11, 30), "America/New_York").text.splitlines() == [
        "Promised for Tue 3 Mar 2026 12:00 EST, whatever a schedule says: callback within 3 h.",
        "Time is elapsed time, nights and weekends included.",
        "Started Tue 3 Mar 2026 09:00 EST.",
        "Tue 3 Mar 09:00 – 12:00: 3 h.",
        "Due Tue 3 Mar 2026 12:00 EST.",
    ]


def test_a_breach_by_a_change_tells_that_it_is_not_backdated() -> None:
    plans = [wants(START, 8, "Normal v1"), wants(ny(3, 3, 12), 2, "Urgent v1")]
    found = account(plans=plans, now=ny(3, 3, 12))
    assert "changed from Normal v1 to Urgent v1" in found.text
    assert "Tue 3 Mar 09:00 – 11:00: 2 h." in found.text
    assert found.lines[-1].text == (
        "Broken Tue 3 Mar 2026 12:00 EST: a change found the deadline already past."
    )


def test_a_holiday_is_named() -> None:
    calendar = WorkCalendar(
        "America/New_York",
        OFFICE_DAYS,
        [CalendarException(date(2026, 3, 4), name="Founders' Day")],
        name="Office hours",
    )
    found = account(plans=[wants(START, 10, calendar=calendar)], now=START)
    assert "Closed Tue 3 Mar 17:00 – Thu 5 Mar 09:00 (Founders' Day)." in found.text


def test_a_long_run_is_told_in_one_line() -> None:
    found = account(plans=[wants(START, 80)], now=START)
    assert (
        "Tue 3 Mar 09:00 – Mon 16 Mar 17:00 in 10 stretches of opening hours: 80 h." in found.text
    )
    assert len(found.lines) == 5


def test_time_spent_solved_is_told_as_not_counted() -> None:
    facts = [status(ny(3, 3, 11), "solved"), status(ny(3, 4, 11), "open")]
    found = account(*facts, plans=[wants(START, 8)], now=ny(3, 4, 11), cycle=2)
    assert "Solved Tue 3 Mar 11:00 – Wed 4 Mar 11:00: not counted." in found.text


def test_elapsed_time_says_that_it_counts_nights() -> None:
    found = account(plans=[wants(START, 24, calendar=None)], now=START)
    assert "Time is elapsed time, nights and weekends included." in found.text


def test_the_end_is_told_as_it_was() -> None:
    met = account(status(ny(3, 3, 12), "solved"), plans=[wants(START, 8)], now=ny(3, 3, 13))
    assert met.lines[-1].text == "Met Tue 3 Mar 2026 12:00 EST."
    late = account(status(ny(3, 4, 12), "solved"), plans=[wants(START, 8)], now=ny(3, 4, 13))
    assert [line.kind for line in late.lines[-3:]] == [
        LineKind.DUE,
        LineKind.BREACH,
        LineKind.STOPPED,
    ]
    gone = account(
        fact(FactKind.MERGED_AWAY, ny(3, 3, 12)), plans=[wants(START, 8)], now=ny(3, 3, 13)
    )
    assert gone.lines[-1].text == "Cancelled, with no verdict, Tue 3 Mar 2026 12:00 EST."


def test_seconds_are_printed_only_where_there_are_any() -> None:
    start = START + timedelta(seconds=5)
    found = account(plans=[wants(start, 1)], now=start, start=start)
    assert found.lines[-1].text == "Due Tue 3 Mar 2026 10:00:05 EST."
    odd = START + MICROSECOND
    found = account(plans=[wants(odd, 1)], now=odd, start=odd)
    assert found.lines[-1].text == "Due Tue 3 Mar 2026 10:00 EST."


@given(
    st.lists(st.tuples(st.integers(0, 500), st.sampled_from(["open", "pending"])), max_size=6),
    st.integers(1, 120),
    st.integers(0, 500),
)
def test_what_is_counted_adds_up_to_the_target_and_ends_at_the_deadline(
    changes: list[tuple[int, str]], amount: int, now_after: int
) -> None:
    facts = [status(START + hours(at / 3), name) for at, name in changes]
    now = START + hours(now_after / 3)
    owed = plan(START, target(RESOLUTION, hours(amount), pause_on=PENDING))
    state = clock([opened(START), *facts], [owed], now, RESOLUTION)
    found = explain(state, now, "America/New_York")
    counted = [line for line in found.lines if line.kind is LineKind.COUNTED]
    total = sum((line.amount or hours(0) for line in counted), hours(0))
    if state.state is State.PAUSED:
        assert total == state.used
    else:
        assert total == hours(amount)
        assert counted[-1].until == state.due_at
