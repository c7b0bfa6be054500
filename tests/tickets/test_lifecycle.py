"""Which status may follow which."""

import pytest

from tickets.lifecycle import ACTIVE, Status, TransitionRefused, allowed, check

ALLOWED = {
    "new": "open pending on_hold solved closed",
    "open": "pending on_hold solved closed",
    "pending": "open on_hold solved closed",
    "on_hold": "open pending solved closed",
    "solved": "open closed",
    "closed": "",
}


@pytest.mark.parametrize("current", [status.value for status in Status])
def test_only_these_statuses_may_follow(current: str) -> None:
    assert {status.value for status in allowed(current)} == set(ALLOWED[current].split())


def test_nothing_becomes_new_again() -> None:
    assert not any(Status.NEW in allowed(status) for status in Status)


def test_a_refusal_says_both_statuses_in_words() -> None:
    with pytest.raises(TransitionRefused, match="solved cannot become on hold"):
        check("solved", "on_hold")


def test_solved_and_closed_are_not_active() -> None:
    assert {Status.SOLVED, Status.CLOSED}.isdisjoint(ACTIVE)
    assert len(ACTIVE) == 4
