"""When a calendar opens and closes next."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from escalation.sla.checking import CalendarException
from escalation.sla.hours import ALWAYS, ELAPSED, WorkCalendar
from escalation.sla.openings import MOST, hours_at, open_stretches
from tests.sla.world import HOUR, MINUTE, OFFICE, OFFICE_DAYS, ny


def test_open_hours_end_at_closing_time() -> None:
    found = hours_at(OFFICE, ny(3, 3, 10))
    assert (found.is_open, found.until) == (True, ny(3, 3, 17))


def test_closed_hours_end_at_the_next_opening() -> None:
    found = hours_at(OFFICE, ny(3, 6, 18))
    assert (found.is_open, found.until) == (False, ny(3, 9, 9))


def test_at_closing_time_it_is_closed_and_at_opening_time_it_is_open() -> None:
    assert not hours_at(OFFICE, ny(3, 3, 17)).is_open
    assert hours_at(OFFICE, ny(3, 3, 9)).is_open


def test_a_holiday_is_named() -> None:
    holiday = CalendarException(ny(3, 3, 12).date(), closed=True, name="Town Meeting Day")
    calendar = WorkCalendar("America/New_York", OFFICE_DAYS, [holiday])
    found = hours_at(calendar, ny(3, 3, 10))
    assert found.closed_for == "Town Meeting Day"
    assert found.until == ny(3, 4, 9)


def test_what_never_closes_has_no_closing_time() -> None:
    assert hours_at(ALWAYS, ny(3, 3, 10)).until is None
    assert hours_at(ELAPSED, ny(3, 3, 10)).is_open


def test_elapsed_time_and_a_deadline_gone_by_have_no_stretches() -> None:
    assert open_stretches(ELAPSED, ny(3, 3, 10), ny(3, 9, 10)) == []
    assert open_stretches(OFFICE, ny(3, 3, 10), ny(3, 3, 9)) == []


@given(st.integers(1, 60 * 24 * 90), st.integers(0, 60 * 24 * 14))
def test_the_stretches_last_as_long_as_the_calendar_counts(minutes: int, later: int) -> None:
    now = ny(3, 2, 0) + later * MINUTE
    due = now + minutes * MINUTE
    found = open_stretches(OFFICE, now, due)
    total = sum((end - start for start, end in found), timedelta(0))
    assert total == OFFICE.between(now, due)
    assert len(found) <= MOST + 1
    assert all(start < end <= due for start, end in found)
    assert all(one[1] <= two[0] for one, two in pairwise(found))
    assert total <= 8 * HOUR * 65
