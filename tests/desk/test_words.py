"""What spans, instants and clocks are called."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.sla import wording
from tickets.views.folding import parts_of
from tickets.words import METRICS, ago, clock_badge, day, shown, span, until

NOW = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"),
        (7800, "2 h 10 min"), (36000, "10 h"), (172_799, "47 h"), (172_800, "2 days"),
    ],
)  # fmt: skip
def test_a_span_is_said_in_the_unit_that_matters(seconds: int, said: str) -> None:
    assert span(timedelta(seconds=seconds)) == span(-timedelta(seconds=seconds)) == said


def test_what_happened_this_moment_is_just_now() -> None:
    assert ago(NOW - timedelta(seconds=9), NOW) == "just now"
    assert ago(NOW - timedelta(seconds=20), NOW) == "20 s ago"
    assert ago(NOW - timedelta(hours=3, minutes=40), NOW) == "3 h ago"


def test_a_hold_counts_down_and_never_below_zero() -> None:
    assert until(NOW + timedelta(minutes=12, seconds=4), NOW) == "in 12:04"
    assert until(NOW + timedelta(hours=1, seconds=9), NOW) == "in 1:00:09"
    assert until(NOW - timedelta(seconds=1), NOW) == "any moment"


@pytest.mark.parametrize(
    ("status", "minutes", "paused", "tone", "text"),
    [
        ("open", 130, False, "calm", "first reply due in 2 h 10 min"),
        ("open", 59, False, "soon", "first reply due in 59 min"),
        ("open", 0, False, "soon", "first reply due in 0 s"),
        ("open", -12, False, "late", "first reply late by 12 min"),
        ("pending", None, True, "paused", "paused: waiting for customer"),
        ("on_hold", None, True, "paused", "paused: on hold"),
        ("open", None, False, "none", "no deadline"),
        ("solved", -12, False, "none", "solved"),
    ],
)
def test_a_clock_says_its_state_in_words(
    status: str, minutes: int | None, paused: bool, tone: str, text: str
) -> None:
    due_at = None if minutes is None else NOW + timedelta(minutes=minutes)
    badge = clock_badge(
        status=status, due_at=due_at, metric="first_reply", is_paused=paused, now=NOW
    )
    assert (badge.tone, badge.text) == (tone, text)


def test_control_and_direction_characters_are_not_shown() -> None:
    assert shown("a\x00b\x1b[31m\u202egnp.exe\u2066x\ufeff\r\nc\td") == "ab[31mgnp.exex\nc\td"


def test_quoted_text_is_told_apart_with_its_attribution() -> None:
    text = "Thanks!\n\nOn Mon, 3 Mar 2026, Support wrote:\n> Dear Carla\n>\n> bye\n\nCarla"
    parts = [(part.is_quoted, part.text.split("\n")[0]) for part in parts_of(text)]
    assert parts == [
        (False, "Thanks!"),
        (True, "On Mon, 3 Mar 2026, Support wrote:"),
        (False, "Carla"),
    ]


@given(st.text(alphabet=" \n>:OnwroteX", max_size=300))
def test_no_word_is_lost_between_own_and_quoted_text(text: str) -> None:
    words = [word for part in parts_of(text) for word in part.text.split()]
    assert words == text.split()


def test_the_desk_and_the_explanations_call_a_clock_the_same() -> None:
    assert {metric.value: name for metric, name in wording.METRICS.items()} == METRICS


def test_a_day_is_a_weekday_within_the_week_and_a_date_before() -> None:
    at = datetime(2026, 3, 3, 14, 2, tzinfo=UTC)
    assert day(at, at + timedelta(days=5)) == "Tue 14:02"
    assert day(at, at + timedelta(days=6)) == "3 Mar 2026"
