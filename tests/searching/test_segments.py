"""The past in stretches: every day in exactly one of them, newest first."""

from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tickets.searching.segments import backwards, hour_of

HOURS = {"~": 1, "~~": 24, "~~~": 24 * 32}
NOW = st.integers(min_value=360_000, max_value=720_000)  # of the years 2011 to 2052


def hours_in(word: str) -> list[int]:
    mark = word.rstrip("0123456789")
    first = int(word.removeprefix(mark)) * HOURS[mark]
    return list(range(first, first + HOURS[mark]))


@given(NOW)
def test_every_hour_is_in_one_stretch_and_the_newest_come_first(now: int) -> None:
    *stretches, last = backwards(now)
    assert (last.words, last.first, last.begins_at) == ((), None, None)
    covered = [sorted(hour for word in each.words for hour in hours_in(word)) for each in stretches]
    for newer, older in pairwise(covered):
        assert older[-1] + 1 == newer[0]
    assert covered[0] == [now]
    assert [hours[0] for hours in covered] == [each.first for each in stretches]
    assert all(hours == list(range(hours[0], hours[-1] + 1)) for hours in covered)


@given(NOW)
def test_few_stretches_reach_far_back(now: int) -> None:
    stretches = list(backwards(now))
    assert len(stretches) <= 30
    assert max(len(each.words) for each in stretches) <= 64
    assert now - (stretches[-2].first or 0) > 5 * 365 * 24


def test_an_hour_is_that_of_utc() -> None:
    assert hour_of(datetime(1970, 1, 2, tzinfo=UTC)) == 24
    assert hour_of(datetime(1970, 1, 1, 0, 59, tzinfo=UTC)) == 0
