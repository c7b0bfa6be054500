"""The past in stretches: every day in exactly one of them, newest first."""

from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tickets.searching.segments import DAYS, backwards, day_of


def days_in(word: str) -> list[int]:
    number = int(word.lstrip("~"))
    return list(range(number * DAYS, number * DAYS + DAYS)) if word[1] == "~" else [number]


@given(st.integers(min_value=15_000, max_value=30_000))
def test_every_day_is_in_one_stretch_and_the_newest_come_first(today: int) -> None:
    *stretches, last = backwards(today)
    assert (last.words, last.first, last.begins_at) == ((), None, None)
    covered = [sorted(day for word in each.words for day in days_in(word)) for each in stretches]
    assert sorted(day for days in covered for day in days) == list(
        range(stretches[-1].first or 0, today + 1)
    )
    for newer, older in pairwise(covered):
        assert older[-1] + 1 == newer[0]
    assert [days[0] for days in covered] == [each.first for each in stretches]


@given(st.integers(min_value=15_000, max_value=30_000))
def test_few_stretches_reach_far_back(today: int) -> None:
    stretches = list(backwards(today))
    assert len(stretches) <= 20
    assert max(len(each.words) for each in stretches) <= 64
    assert today - (stretches[-2].first or 0) > 5 * 365


def test_a_day_is_that_of_utc() -> None:
    assert day_of(datetime(1970, 1, 2, tzinfo=UTC)) == 1
    assert day_of(datetime(1970, 1, 1, 23, 59, tzinfo=UTC)) == 0
