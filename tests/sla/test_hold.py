"""How long a written reply is held (rule 6)."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from escalation.sla.hold import HOLD, MARGIN, MINIMUM_HOLD, release_at
from tests.sla.world import HOUR, MINUTE, ny

WRITTEN = ny(3, 3, 10)


def held(deadline: datetime | None) -> datetime:
    return release_at(WRITTEN, earliest_deadline=deadline)


def test_without_a_deadline_a_reply_waits_its_half_hour() -> None:
    assert held(None) == WRITTEN + 30 * MINUTE


def test_a_distant_deadline_changes_nothing() -> None:
    assert held(WRITTEN + HOUR) == WRITTEN + 30 * MINUTE


def test_a_deadline_within_the_hold_shortens_it_to_two_minutes_before() -> None:
    assert held(WRITTEN + 20 * MINUTE) == WRITTEN + 18 * MINUTE


def test_the_minimum_hold_always_remains() -> None:
    assert held(WRITTEN + 2 * MINUTE) == WRITTEN + MINUTE
    assert held(WRITTEN - HOUR) == WRITTEN + MINUTE


def test_a_desk_may_hold_longer_or_shorter() -> None:
    found = release_at(WRITTEN, HOUR, 5 * MINUTE, 10 * MINUTE, WRITTEN + 40 * MINUTE)
    assert found == WRITTEN + 30 * MINUTE
    assert release_at(WRITTEN, 0 * HOUR) == WRITTEN + MINIMUM_HOLD


@given(st.integers(0, 10_000))
def test_the_hold_itself_never_causes_a_breach(seconds: int) -> None:
    deadline = WRITTEN + seconds * MINUTE / 60
    release = held(deadline)
    assert WRITTEN + MINIMUM_HOLD <= release <= WRITTEN + HOLD
    if deadline >= WRITTEN + MINIMUM_HOLD + MARGIN:
        assert release <= deadline - MARGIN
