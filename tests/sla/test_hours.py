"""Business time: schedules as people write them, exceptions, both daylight-saving nights."""

import pickle
from datetime import UTC, date, datetime, time, timedelta

import pytest

from escalation.sla.hours import (
    ALWAYS,
    ELAPSED,
    CalendarError,
    CalendarException,
    CalendarHistory,
    WorkCalendar,
)
from tests.sla.world import HOUR, MICROSECOND, MINUTE, OFFICE, OFFICE_DAYS, hours, ny

MIDNIGHT = time(0)
LUNCH = WorkCalendar(
    "America/New_York",
    {day: [(time(9), time(12)), (time(13), time(17))] for day in range(5)},
)
EVERY_SORT = [OFFICE, ALWAYS, ELAPSED, CalendarHistory([(ny(1, 1), OFFICE)])]
NIGHTS = WorkCalendar("America/New_York", {day: [(time(22), time(6))] for day in range(7)})


def closed(day: date, *intervals: tuple[time, time], name: str = "") -> CalendarException:
    return CalendarException(day, True, intervals, name)


def extra(day: date, *intervals: tuple[time, time]) -> CalendarException:
    return CalendarException(day, False, intervals)


def office(*exceptions: CalendarException) -> WorkCalendar:
    return WorkCalendar("America/New_York", OFFICE_DAYS, exceptions)


def test_lunch_counts_for_nothing() -> None:
    assert LUNCH.add(ny(3, 3, 11), hours(2)) == ny(3, 3, 14)
    assert LUNCH.between(ny(3, 3, 9), ny(3, 3, 17)) == hours(7)


def test_a_deadline_at_the_start_of_lunch_stays_there() -> None:
    assert LUNCH.add(ny(3, 3, 11), hours(1)) == ny(3, 3, 12)


def test_a_ticket_opened_at_lunch_starts_after_it() -> None:
    assert LUNCH.add(ny(3, 3, 12, 30), hours(1)) == ny(3, 3, 14)


def test_intervals_include_their_start_and_exclude_their_end() -> None:
    assert OFFICE.is_open(ny(3, 3, 9))
    assert not OFFICE.is_open(ny(3, 3, 17))
    assert OFFICE.is_open(ny(3, 3, 17) - MICROSECOND)


def test_nothing_added_outside_hours_is_the_next_opening() -> None:
    assert OFFICE.add(ny(3, 7, 12), timedelta(0)) == ny(3, 9, 9)
    assert OFFICE.add(ny(3, 6, 17), timedelta(0)) == ny(3, 9, 9)
    assert OFFICE.add(ny(3, 3, 10), timedelta(0)) == ny(3, 3, 10)


def test_a_night_shift_runs_over_midnight() -> None:
    assert NIGHTS.add(ny(3, 3, 23), hours(3)) == ny(3, 4, 2)
    assert NIGHTS.between(ny(3, 3, 12), ny(3, 4, 12)) == hours(8)


def test_the_night_shift_of_sunday_runs_into_monday() -> None:
    assert NIGHTS.is_open(ny(3, 2, 3))


def test_a_night_shift_over_spring_is_an_hour_shorter_and_over_autumn_longer() -> None:
    assert NIGHTS.between(ny(3, 7, 12), ny(3, 8, 12)) == hours(7)
    assert NIGHTS.between(ny(10, 31, 12), ny(11, 1, 12)) == hours(9)


def test_a_whole_day_is_as_long_as_it_is() -> None:
    whole = WorkCalendar("America/New_York", {6: [(MIDNIGHT, MIDNIGHT)]})
    assert whole.between(ny(3, 8), ny(3, 9)) == hours(23)
    assert whole.between(ny(11, 1), ny(11, 2)) == hours(25)


def test_an_opening_in_the_skipped_hour_is_the_moment_of_the_jump() -> None:
    early = WorkCalendar("America/New_York", {6: [(time(2, 30), time(6))]})
    assert early.add(ny(3, 8), timedelta(0)) == datetime(2026, 3, 8, 7, tzinfo=UTC)


def test_an_opening_in_the_repeated_hour_is_its_first_occurrence() -> None:
    early = WorkCalendar("America/New_York", {6: [(time(1, 30), time(6))]})
    assert early.intervals(ny(11, 1), ny(11, 2)) == [(ny(11, 1, 1, 30), ny(11, 1, 6))]
    assert early.between(ny(11, 1), ny(11, 2)) == hours(5.5)


def test_adjoining_intervals_in_the_repeated_hour_leave_no_gap() -> None:
    joined = WorkCalendar("America/New_York", {6: [(time(0), time(1, 30)), (time(1, 30), time(6))]})
    assert joined.intervals(ny(11, 1), ny(11, 2)) == [(ny(11, 1), ny(11, 1, 6))]


def test_midnights_that_jump_still_open_the_right_days() -> None:
    # Havana changes its clocks at midnight: 8 March 2026 begins at 01:00.
    havana = WorkCalendar("America/Havana", {6: [(MIDNIGHT, MIDNIGHT)]})
    sunday = datetime(2026, 3, 8, 5, tzinfo=UTC)
    assert havana.intervals(sunday - HOUR, sunday + hours(48)) == [(sunday, sunday + hours(23))]


def test_a_day_the_zone_skipped_has_no_hours() -> None:
    # Samoa went from Thursday 29 to Saturday 31 December 2011.
    apia = WorkCalendar("Pacific/Apia", {day: [(time(9), time(17))] for day in range(7)})
    start = datetime(2011, 12, 29, 19, tzinfo=UTC)
    assert apia.add(start, hours(9)) == start + hours(25)


def test_a_holiday_closes_its_whole_day() -> None:
    assert office(closed(date(2026, 3, 4))).add(ny(3, 3, 16), hours(2)) == ny(3, 5, 10)


def test_hours_may_be_closed_on_one_day() -> None:
    short = office(closed(date(2026, 3, 3), (time(12), MIDNIGHT)))
    assert short.add(ny(3, 3, 11), hours(2)) == ny(3, 4, 10)


def test_a_holiday_cuts_the_shift_that_began_the_evening_before() -> None:
    nights = WorkCalendar(
        "America/New_York", {d: [(time(22), time(6))] for d in range(7)}, [closed(date(2026, 3, 4))]
    )
    assert nights.intervals(ny(3, 3, 12), ny(3, 5, 12)) == [
        (ny(3, 3, 22), ny(3, 4)),
        (ny(3, 5), ny(3, 5, 6)),
    ]


def test_an_extra_opening_adds_hours_even_on_a_holiday() -> None:
    saturday = office(extra(date(2026, 3, 7), (time(10), time(12))))
    assert saturday.add(ny(3, 6, 16), hours(2)) == ny(3, 7, 11)
    both = office(closed(date(2026, 3, 4)), extra(date(2026, 3, 4), (time(10), time(12))))
    assert both.between(ny(3, 4), ny(3, 5)) == hours(2)


def test_an_extra_opening_may_run_over_midnight_and_overlap_the_usual_hours() -> None:
    late = office(extra(date(2026, 3, 3), (time(16), time(2))))
    assert late.intervals(ny(3, 3), ny(3, 4, 3)) == [(ny(3, 3, 9), ny(3, 4, 2))]


def test_whole_weeks_end_at_closing_and_not_at_the_next_opening() -> None:
    assert OFFICE.add(ny(3, 6, 17), hours(80)) == ny(3, 20, 17)


def test_a_sunday_night_spills_into_a_week_that_is_otherwise_ordinary() -> None:
    late = office(extra(date(2026, 3, 15), (time(22), time(2))))
    assert late.between(ny(3, 2), ny(3, 30)) == hours(4 * 40 + 4)


def test_a_holiday_tells_its_name() -> None:
    calendar = office(closed(date(2026, 3, 4), name="Founders' Day"))
    assert calendar.closure(ny(3, 4, 12)) == "Founders' Day"
    assert calendar.closure(ny(3, 5, 12)) == ""


def test_measured_stretches_of_neighbouring_days_join() -> None:
    day = datetime(2026, 3, 3, tzinfo=UTC)
    assert ALWAYS.intervals(day, day + hours(72)) == [(day, day + hours(72))]


def test_every_answer_is_in_utc() -> None:
    assert OFFICE.add(ny(3, 3, 9).astimezone(), hours(1)).tzinfo is UTC
    assert OFFICE.add(ny(3, 7), timedelta(0)).tzinfo is UTC


def test_naive_instants_are_refused() -> None:
    with pytest.raises(CalendarError) as caught:
        OFFICE.add(datetime(2026, 3, 3, 9), HOUR)  # noqa: DTZ001
    assert caught.value.code == "naive"


@pytest.mark.parametrize(
    "calendar", [OFFICE, ALWAYS, ELAPSED, CalendarHistory([(ny(1, 1), OFFICE)])]
)
def test_negative_durations_and_backward_spans_are_refused(calendar: WorkCalendar) -> None:
    with pytest.raises(CalendarError) as negative:
        calendar.add(ny(3, 3), -MICROSECOND)
    with pytest.raises(CalendarError) as backwards:
        calendar.between(ny(3, 3), ny(3, 2))
    assert (negative.value.code, backwards.value.code) == ("negative", "backwards")


@pytest.mark.parametrize(
    "calendar", [OFFICE, ALWAYS, ELAPSED, CalendarHistory([(ny(1, 1), OFFICE)])]
)
@pytest.mark.parametrize("duration", [timedelta(days=5_000_000), timedelta.max])
def test_a_duration_past_the_end_of_time_is_refused(
    calendar: WorkCalendar, duration: timedelta
) -> None:
    with pytest.raises(CalendarError) as caught:
        calendar.add(ny(3, 3), duration)
    assert caught.value.code == "beyond_time"


def test_a_duration_that_only_a_closed_future_makes_too_long_is_refused() -> None:
    rare = WorkCalendar("UTC", {0: [(time(9), time(9, 1))]})
    with pytest.raises(CalendarError):
        rare.add(datetime(9999, 12, 1, tzinfo=UTC), hours(1))


def test_what_no_living_person_waits_for_is_refused_at_once() -> None:
    rare = WorkCalendar("UTC", {0: [(time(9), time(9, 1))]})
    assert rare.add(ny(3, 3), hours(100)).year == 2141
    with pytest.raises(CalendarError, match="never add up"):
        rare.add(ny(3, 3), hours(200))


def test_calendars_compare_hash_and_travel_by_value() -> None:
    same = WorkCalendar("America/New_York", OFFICE_DAYS, name="Office hours")
    assert same == OFFICE
    assert hash(same) == hash(OFFICE)
    assert pickle.loads(pickle.dumps(OFFICE)) == OFFICE  # noqa: S301
    assert WorkCalendar("Europe/Paris", OFFICE_DAYS, name="Office hours") != OFFICE


def test_the_last_instant_of_the_day_means_midnight() -> None:
    whole = WorkCalendar("UTC", {day: [(MIDNIGHT, time.max)] for day in range(7)})
    day = datetime(2026, 3, 3, tzinfo=UTC)
    assert whole.between(day, day + hours(48)) == hours(48)


def test_a_declared_holiday_moves_deadlines_from_its_instant_only() -> None:
    declared = ny(3, 3, 12)
    history = CalendarHistory([(ny(1, 1), OFFICE), (declared, office(closed(date(2026, 3, 4))))])
    assert history.add(ny(3, 3, 16), hours(2)) == ny(3, 5, 10)
    assert history.at(declared - MICROSECOND) == OFFICE


def test_shorter_hours_do_not_take_back_the_time_already_counted() -> None:
    mornings = WorkCalendar("America/New_York", {d: [(time(9), time(11))] for d in range(5)})
    history = CalendarHistory([(ny(1, 1), OFFICE), (ny(3, 3, 15), mornings)])
    assert history.between(ny(3, 3, 9), ny(3, 3, 17)) == hours(6)
    assert history.add(ny(3, 3, 9), hours(7)) == ny(3, 4, 10)


def test_a_history_keeps_a_deadline_at_closing_there() -> None:
    history = CalendarHistory([(ny(1, 1), OFFICE), (ny(3, 3, 20), OFFICE)])
    assert history.add(ny(3, 3, 16), HOUR) == ny(3, 3, 17)
    assert history.add(ny(3, 3, 17), timedelta(0)) == ny(3, 4, 9)


def test_an_opening_that_the_next_version_took_away_is_none() -> None:
    late = WorkCalendar("America/New_York", {d: [(time(10), time(17))] for d in range(5)})
    history = CalendarHistory([(ny(1, 1), OFFICE), (ny(3, 4, 9), late)])
    assert history.add(ny(3, 3, 18), timedelta(0)) == ny(3, 4, 10)


def test_before_its_second_version_a_calendar_is_the_first() -> None:
    history = CalendarHistory([(ny(3, 3), OFFICE), (ny(3, 4), ALWAYS)])
    assert history.add(ny(2, 24, 10), HOUR) == ny(2, 24, 11)
    assert history.is_open(ny(3, 4, 3))
    assert not history.is_open(ny(3, 3, 3))


def test_a_history_takes_its_versions_in_any_order_and_needs_one() -> None:
    versions = [(ny(3, 4), ALWAYS), (ny(3, 3), OFFICE)]
    assert CalendarHistory(versions) == CalendarHistory(versions[::-1])
    with pytest.raises(CalendarError):
        CalendarHistory([])


def test_sub_second_amounts_count() -> None:
    assert OFFICE.add(ny(3, 3, 17) - MICROSECOND, 2 * MICROSECOND) == ny(3, 4, 9) + MICROSECOND
    assert OFFICE.between(ny(3, 3, 10), ny(3, 3, 10) + MICROSECOND) == MICROSECOND
    assert OFFICE.add(ny(3, 3, 10), MINUTE + MICROSECOND) == ny(3, 3, 10, 1) + MICROSECOND
