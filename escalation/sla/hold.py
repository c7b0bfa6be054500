"""How long a written reply may wait before it leaves."""

from __future__ import annotations

from datetime import datetime, timedelta

HOLD = timedelta(minutes=30)
MINIMUM_HOLD = timedelta(minutes=1)
MARGIN = timedelta(minutes=2)


def release_at(
    written_at: datetime,
    hold: timedelta = HOLD,
    minimum_hold: timedelta = MINIMUM_HOLD,
    margin: timedelta = MARGIN,
    earliest_deadline: datetime | None = None,
) -> datetime:
    """Rule 6: after the hold, or the margin before the earliest running deadline if that is sooner.

    Never before the minimum hold is over, so a slip seen at once can still be recalled.
    """
    release = written_at + hold
    if earliest_deadline is not None:
        release = min(release, earliest_deadline - margin)
    return max(release, written_at + minimum_hold)
