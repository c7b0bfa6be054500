"""Which calendars are refused, and how the refusal reads."""

from datetime import date, time

import pytest

from escalation.sla.hours import CalendarError, CalendarException, WorkCalendar, problems
from tests.sla.world import OFFICE_DAYS

MIDNIGHT = time(0)


def closed(day: date, *intervals: tuple[time, time]) -> CalendarException:
    return CalendarException(day, True, intervals)


def extra(day: date, *intervals: tuple[time, time]) -> CalendarException:
    return CalendarException(day, False, intervals)


def codes(weekly: dict[int, list[tuple[time, time]]], *exceptions: CalendarException) -> list[str]:
    return [problem.code for problem in problems("UTC", weekly, exceptions)]


def test_an_overlap_names_its_day_and_its_hours() -> None:
    (problem,) = problems("UTC", {0: [(time(9), time(12)), (time(11), time(13))]})
    assert (problem.code, problem.day) == ("overlapping", "Monday")
    assert problem.message == "Monday: 11:00-13:00 overlaps 09:00-12:00."


def test_touching_intervals_do_not_overlap() -> None:
    assert codes({0: [(time(9), time(12)), (time(12), time(13))]}) == []
    assert codes({day: [(MIDNIGHT, MIDNIGHT)] for day in range(7)}) == []


def test_a_night_shift_may_not_run_into_the_next_mornings_hours() -> None:
    weekly = {6: [(time(22), time(6))], 0: [(time(5), time(9))]}
    (problem,) = problems("UTC", weekly)
    assert problem.message == "Monday: 05:00-09:00 overlaps 22:00-06:00 of Sunday."


def test_a_long_interval_hides_no_later_overlap() -> None:
    assert codes({0: [(time(8), time(20)), (time(9), time(10)), (time(11), time(12))]}) == [
        "overlapping",
        "overlapping",
    ]


def test_an_interval_without_length_is_refused() -> None:
    assert codes({2: [(time(9), time(9))]}) == ["zero_length"]
    assert codes(OFFICE_DAYS, closed(date(2026, 3, 4), (time(9), time(9)))) == ["zero_length"]


def test_an_extra_opening_without_hours_is_refused() -> None:
    assert codes(OFFICE_DAYS, extra(date(2026, 3, 7))) == ["empty"]


def test_exceptions_may_not_overlap_within_themselves() -> None:
    both = closed(date(2026, 3, 4), (time(9), time(12)), (time(11), time(13)))
    assert codes(OFFICE_DAYS, both) == ["overlapping"]


@pytest.mark.parametrize("weekly", [{}, {0: []}])
def test_a_calendar_that_never_opens_is_refused(weekly: dict[int, list[tuple[time, time]]]) -> None:
    assert codes(weekly) == ["never_opens"]
    with pytest.raises(CalendarError, match="never opens"):
        WorkCalendar("UTC", weekly)


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "", "../etc/passwd", "America/New_York\0", "/etc"]
)
def test_an_unknown_zone_is_refused(zone: str) -> None:
    assert [problem.code for problem in problems(zone, OFFICE_DAYS)] == ["unknown_zone"]


def test_a_weekday_that_does_not_exist_is_refused() -> None:
    assert codes({0: [(time(9), time(10))], 7: [(time(9), time(10))]}) == ["unknown_day"]
