"""Durations as people type them."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation import durations
from escalation.durations import DurationError
from escalation.sla.values import Threshold


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("24 h", 1440), ("30 min", 30), ("2 days", 2880), ("1h30min", 90), ("1 h 30 min", 90),
        ("1.5 h", 90), ("90 minutes", 90), ("1 week", 10080), ("0", 0), ("  2  Days ", 2880),
    ],
)  # fmt: skip
def test_usual_ways_to_write_a_duration_are_understood(text: str, minutes: int) -> None:
    assert durations.parse(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "-1 h", "NaN h", "nan", "inf", "1e9 h", "24", "1 fortnight", "99999 weeks",
     "0.0001 s", "１ h", "1 h\x00", "h 1", "9" * 400 + " h", "10000000002 h", "24. h", ". h",
     "0.00000012 h", "1..5 h", "1.30.5 h", ".5 h", "1 h 24. min", "1 h, , 3", "1h 30 m.",
     "1.000000000000000000000000000000000001 h"],
)  # fmt: skip
def test_anything_else_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(DurationError, match=r"\.$"):
        durations.parse(text)


@given(st.integers(min_value=0, max_value=int(durations.LONGEST.total_seconds())))
def test_what_is_written_reads_back_the_same(seconds: int) -> None:
    length = timedelta(seconds=seconds)
    assert durations.parse(durations.words(length)) == length
    assert durations.parse(durations.words(length, open_hours=True)) == length


@given(st.text(alphabet="0123456789. ,hdmins", max_size=14))
def test_nothing_that_was_typed_is_left_out_of_what_is_read(text: str) -> None:
    try:
        read = durations.parse(text)
    except DurationError:
        return
    amounts = re.findall(r"[0-9.]+", text)
    total = sum(Decimal(amount) for amount in amounts)
    assert total <= read.total_seconds() <= total * 86400


@pytest.mark.parametrize("text", ["2 days", "2d", "2d3h", "1h2d", "1 w", "1 h, 2 days", "1 D"])
def test_days_are_noticed_however_they_are_written(text: str) -> None:
    assert durations.counts_days(text)
    assert not durations.counts_days("2 h 30 min 5 s")


def test_open_hours_are_never_called_days() -> None:
    assert durations.words(timedelta(hours=48)) == "2 days"
    assert durations.words(timedelta(hours=48), open_hours=True) == "48 h"


def test_warnings_are_percentages_or_times_before_the_deadline() -> None:
    found = durations.parse_warnings("75%, 30 min before")
    assert [each.key for each in found] == ["75%", "-30m"]
    assert durations.parse_warnings("") == ()


@pytest.mark.parametrize("text", ["0%", "100%", "150%", "soon", "30 min", "0 before", "75%, 75%"])
def test_a_senseless_warning_is_refused(text: str) -> None:
    with pytest.raises(DurationError):
        durations.parse_warnings(text)


@given(st.integers(1, int(durations.LONGEST / timedelta(microseconds=1))), st.integers(1, 10**6))
def test_two_warnings_never_share_a_name(one: int, more: int) -> None:
    first, second = (
        Threshold(before=timedelta(microseconds=each)) for each in (one, one + more)
    )  # fmt: skip
    assert first.key != second.key
    assert len(first.key) <= 24


def test_two_warnings_a_second_apart_are_two_however_far_ahead() -> None:
    found = durations.parse_warnings("1234567 s before, 1234568 s before")
    assert [each.key for each in found] == ["-1234567s", "-1234568s"]
