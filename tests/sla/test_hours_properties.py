"""What holds for every calendar: found by Hypothesis, compared with counting minutes."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalation.sla.hours import CalendarException, CalendarHistory, WorkCalendar
from escalation.sla.values import CalendarLike
from tests.sla.world import MICROSECOND, MINUTE, OFFICE_DAYS

ZONES = (
    "UTC",
    "America/New_York",
    "Europe/Paris",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Havana",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Asia/Beirut",
)
# Around both New York nights and the months between; every zone above changes somewhere in it.
FIRST_DAY = date(2026, 2, 20)


@st.composite
def schedules(draw: st.DrawFn) -> dict[int, list[tuple[time, time]]]:
    """Weeks of up to two openings a day, some over midnight."""
    weekly: dict[int, list[tuple[time, time]]] = {}
    for day in draw(st.sets(st.integers(0, 6), min_size=1)):
        quarters = draw(st.lists(st.integers(24, 95), min_size=2, max_size=4, unique=True))
        cuts = [time(q // 4, q % 4 * 15) for q in sorted(quarters)]
        weekly[day] = list(zip(cuts[::2], cuts[1::2], strict=False))
        if draw(st.booleans()):
            last = max(quarters)
            weekly[day] = [*weekly[day][:1], (time(last // 4, last % 4 * 15), time(3))][-1:]
    return weekly


dates = st.integers(0, 300).map(lambda days: FIRST_DAY + timedelta(days=days))
instants = st.timedeltas(timedelta(0), timedelta(days=300)).map(
    lambda since: datetime.combine(FIRST_DAY, time(0), UTC) + since
)
durations = st.timedeltas(timedelta(0), timedelta(hours=90))


@st.composite
def exceptions(draw: st.DrawFn, *, closed: bool) -> CalendarException:
    start, end = sorted(draw(st.lists(st.integers(0, 23), min_size=2, max_size=2, unique=True)))
    whole = closed and draw(st.booleans())
    return CalendarException(draw(dates), closed, () if whole else ((time(start), time(end)),))


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    odd = [
        *draw(st.lists(exceptions(closed=True), max_size=4)),
        *draw(st.lists(exceptions(closed=False), max_size=2)),
    ]
    return WorkCalendar(draw(st.sampled_from(ZONES)), draw(schedules()), odd)


@st.composite
def histories(draw: st.DrawFn) -> CalendarHistory:
    return CalendarHistory(draw(st.lists(st.tuples(instants, calendars()), min_size=1, max_size=3)))


any_calendar = st.one_of(calendars(), histories())


@given(any_calendar, instants, durations)
def test_adding_then_measuring_returns_the_duration(
    calendar: CalendarLike, start: datetime, duration: timedelta
) -> None:
    assert calendar.between(start, calendar.add(start, duration)) == duration


@given(any_calendar, instants, durations)
def test_the_deadline_is_the_first_instant_that_has_the_duration(
    calendar: CalendarLike, start: datetime, duration: timedelta
) -> None:
    end = calendar.add(start, max(duration, MICROSECOND))
    assert calendar.between(start, end - MICROSECOND) < max(duration, MICROSECOND)


@given(any_calendar, instants, instants, durations)
def test_a_later_start_never_ends_earlier(
    calendar: CalendarLike, one: datetime, other: datetime, duration: timedelta
) -> None:
    earlier, later = sorted((one, other))
    assert calendar.add(earlier, duration) <= calendar.add(later, duration)


@given(any_calendar, instants, durations, durations)
def test_a_longer_duration_never_ends_earlier(
    calendar: CalendarLike, start: datetime, one: timedelta, other: timedelta
) -> None:
    assert calendar.add(start, min(one, other)) <= calendar.add(start, max(one, other))


@given(any_calendar, st.tuples(instants, instants, instants))
def test_measuring_is_additive(
    calendar: CalendarLike, at: tuple[datetime, datetime, datetime]
) -> None:
    first, middle, last = sorted(at)
    halves = calendar.between(first, middle) + calendar.between(middle, last)
    assert calendar.between(first, last) == halves


@given(any_calendar, instants, instants)
def test_the_intervals_are_what_is_measured_and_are_open(
    calendar: CalendarLike, one: datetime, other: datetime
) -> None:
    start, end = sorted((one, other))
    found = calendar.intervals(start, end)
    assert sum((b - a for a, b in found), timedelta(0)) == calendar.between(start, end)
    assert all(calendar.is_open(a) and calendar.is_open(b - MICROSECOND) for a, b in found)
    assert all(a[1] < b[0] for a, b in pairwise(found))


@given(any_calendar, instants)
def test_the_next_opening_is_open_and_nothing_before_it_is(
    calendar: CalendarLike, at: datetime
) -> None:
    opening = calendar.add(at, timedelta(0))
    assert calendar.is_open(opening)
    assert calendar.between(at, opening) == timedelta(0)


@given(
    st.sampled_from(ZONES),
    schedules(),
    st.lists(exceptions(closed=True), max_size=3),
    exceptions(closed=True),
    instants,
    durations,
)
def test_a_holiday_never_shortens_a_wait(
    zone: str,
    weekly: dict[int, list[tuple[time, time]]],
    odd: list[CalendarException],
    holiday: CalendarException,
    start: datetime,
    duration: timedelta,
) -> None:
    usual = WorkCalendar(zone, weekly, odd)
    with_holiday = WorkCalendar(zone, weekly, [*odd, holiday])
    assert usual.add(start, duration) <= with_holiday.add(start, duration)


@given(calendars(), instants, st.lists(instants, max_size=3), durations)
def test_a_history_of_the_same_calendar_is_that_calendar(
    calendar: WorkCalendar, start: datetime, cuts: list[datetime], duration: timedelta
) -> None:
    history = CalendarHistory([(start, calendar), *((cut, calendar) for cut in cuts)])
    assert history.add(start, duration) == calendar.add(start, duration)
    assert history.add(start, timedelta(0)) == calendar.add(start, timedelta(0))


def by_the_wall(calendar: WorkCalendar, start: datetime, minutes: int) -> datetime:
    """The oracle: look at the wall clock minute by minute and count the open ones."""
    zone, at = ZoneInfo(calendar.zone), start
    while True:
        local = at.astimezone(zone)
        offset = local.hour * 60 + local.minute
        today, yesterday = local.weekday(), (local.weekday() - 1) % 7
        minutes -= _open(calendar.weekly[today], offset) or _open(
            calendar.weekly[yesterday], offset + 24 * 60
        )
        at += MINUTE
        if minutes == 0:
            return at


def _open(intervals: tuple[tuple[time, time], ...], offset: int) -> bool:
    for start, end in intervals:
        first, last = (side.hour * 60 + side.minute for side in (start, end))
        if first <= offset < (last if last > first else last + 24 * 60):
            return True
    return False


@settings(max_examples=150)
@given(
    st.sampled_from(("UTC", "America/New_York", "Europe/Paris", "Asia/Kathmandu")),
    schedules(),
    st.sampled_from((date(2026, 3, 6), date(2026, 3, 27), date(2026, 10, 23), date(2026, 10, 30))),
    st.integers(0, 4 * 24 * 60),
    st.integers(1, 1500),
)
def test_adding_agrees_with_counting_minutes_on_the_wall(
    zone: str,
    weekly: dict[int, list[tuple[time, time]]],
    near: date,
    offset: int,
    minutes: int,
) -> None:
    # No schedule here has a border in an hour that is skipped or repeated, where walls mislead.
    calendar = WorkCalendar(zone, weekly)
    start = datetime.combine(near, time(0), UTC) + offset * MINUTE
    assert calendar.add(start, minutes * MINUTE) == by_the_wall(calendar, start, minutes)


@pytest.mark.parametrize("night", [date(2026, 3, 8), date(2026, 11, 1)])
@given(start=st.integers(0, 3 * 24 * 60), minutes=st.integers(0, 3 * 8 * 60))
def test_both_nights_hold_for_a_clock_that_never_closes(
    night: date, start: int, minutes: int
) -> None:
    whole = WorkCalendar("America/New_York", {d: [(time(0), time(0))] for d in range(7)})
    at = datetime.combine(night, time(0), UTC) - timedelta(days=1) + start * MINUTE
    assert whole.add(at, minutes * MINUTE) == at + minutes * MINUTE


@given(instants, st.integers(0, 400))
def test_whole_weeks_are_skipped_without_losing_an_hour(start: datetime, hours: int) -> None:
    calendar = WorkCalendar("America/New_York", OFFICE_DAYS)
    end = calendar.add(start, timedelta(hours=hours))
    day_by_day = sum((b - a for a, b in calendar.intervals(start, end)), timedelta(0))
    assert day_by_day == timedelta(hours=hours)
