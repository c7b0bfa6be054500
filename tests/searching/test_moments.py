"""Days and spans as people type them, in the reader's own zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.searching.moments import span

NOW = datetime(2026, 3, 10, 2, 30, tzinfo=UTC)  # in New York still the 9th, at 22:30
YORK = ZoneInfo("America/New_York")


def read(text: str) -> tuple[str, str]:
    ends = span(text, now=NOW, zone=YORK)
    return tuple(each.astimezone(YORK).strftime("%m-%d %H:%M") if each else "" for each in ends)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-03-08", ("03-08 00:00", "03-09 00:00")),  # the clocks went forward: 23 hours
        ("2026-2", ("02-01 00:00", "03-01 00:00")),
        ("2026", ("01-01 00:00", "01-01 00:00")),
        (">2026-03-01", ("03-02 00:00", "")),
        (">=2026-03-01", ("03-01 00:00", "")),
        ("<2026-03-01", ("", "03-01 00:00")),
        ("<=2026-03-01", ("", "03-02 00:00")),
        ("2026-03-01..2026-03-02", ("03-01 00:00", "03-03 00:00")),
        ("2026-03-01..", ("03-01 00:00", "")),
        ("..2026-03-01", ("", "03-02 00:00")),
        ("today", ("03-09 00:00", "03-10 00:00")),
        ("Yesterday", ("03-08 00:00", "03-09 00:00")),
        ("24h", ("03-08 22:30", "")),
        ("<7d", ("03-02 21:30", "")),
        (">7d", ("", "03-02 21:30")),
    ],
)
def test_a_span_is_what_a_reader_means(typed: str, meant: tuple[str, str]) -> None:
    assert read(typed) == meant


def test_a_day_of_spring_has_23_hours() -> None:
    begins, ends = span("2026-03-08", now=NOW, zone=YORK)
    assert begins
    assert ends
    assert ends.astimezone(UTC) - begins.astimezone(UTC) == timedelta(hours=23)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("soon", "«soon» is no day; write 2026-03-31"),
        ("2026-02-30", "There is no day «2026-02-30»."),
        ("2026-13", "There is no day «2026-13»."),
        ("0001-01-01", "Use a year from 1900 to 2199."),
        ("٢٠٢٦", "is no day"),
        ("..", "is no day"),
        (">", "is no day"),
        ("99999d", "is no day"),
    ],
)
def test_what_is_no_span_is_said(typed: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"day|year") as refusal:
        span(typed, now=NOW, zone=YORK)
    assert said in str(refusal.value)


@given(st.one_of(st.text(max_size=20), st.from_regex(r"[<>]?=?[0-9]{1,5}[-hdwmy.]{0,3}[0-9]{0,3}")))
def test_any_text_is_a_span_or_a_sentence(text: str) -> None:
    said, meant = "", None
    try:
        meant = span(text, now=NOW, zone=YORK)
    except ValueError as refusal:
        said = str(refusal)
    assert said.endswith(".") if meant is None else any(meant)
