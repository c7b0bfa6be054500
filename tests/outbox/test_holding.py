"""When a held reply leaves (sla.md rule 6)."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tickets.outbox.holding import release_at

WRITTEN = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
HOLD, MINIMUM, MARGIN = timedelta(minutes=30), timedelta(minutes=1), timedelta(minutes=2)
durations = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=2))
instants = st.timedeltas(timedelta(days=-90), timedelta(days=90)).map(lambda far: WRITTEN + far)


def leaves(deadline_in: timedelta | None, hold: timedelta = HOLD) -> timedelta:
    deadline = None if deadline_in is None else WRITTEN + deadline_in
    released = release_at(
        written_at=WRITTEN, hold=hold, minimum=MINIMUM, margin=MARGIN, deadline=deadline
    )
    return released - WRITTEN


def test_without_a_deadline_it_waits_the_whole_hold() -> None:
    assert leaves(None) == HOLD


def test_a_deadline_after_the_hold_changes_nothing() -> None:
    assert leaves(HOLD + MARGIN) == HOLD


def test_a_sooner_deadline_shortens_the_hold_to_the_margin_before_it() -> None:
    assert leaves(timedelta(minutes=20)) == timedelta(minutes=18)


def test_a_deadline_at_hand_still_leaves_the_minimum() -> None:
    assert leaves(timedelta(minutes=2)) == MINIMUM
    assert leaves(timedelta(hours=-1)) == MINIMUM


def test_an_author_who_wants_no_hold_gets_none() -> None:
    assert leaves(timedelta(hours=-1), hold=timedelta(0)) == timedelta(0)


@given(written=instants, hold=durations, minimum=durations, margin=durations, deadline=instants)
def test_it_leaves_between_the_minimum_and_the_hold(
    written: datetime, hold: timedelta, minimum: timedelta, margin: timedelta, deadline: datetime
) -> None:
    released = release_at(
        written_at=written, hold=hold, minimum=minimum, margin=margin, deadline=deadline
    )
    assert written + min(hold, minimum) <= released <= written + hold
    if written + min(hold, minimum) <= deadline - margin:
        assert released <= deadline - margin


@given(written=instants, deadline=instants, sooner=durations)
def test_a_sooner_deadline_never_means_a_later_release(
    written: datetime, deadline: datetime, sooner: timedelta
) -> None:
    fixed = {"written_at": written, "hold": HOLD, "minimum": MINIMUM, "margin": MARGIN}
    assert release_at(**fixed, deadline=deadline - sooner) <= release_at(**fixed, deadline=deadline)  # type: ignore[arg-type]
