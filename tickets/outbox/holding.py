"""When a held reply leaves; pure (sla.md, rule 6)."""

from datetime import datetime, timedelta


def release_at(
    *,
    written_at: datetime,
    hold: timedelta,
    minimum: timedelta,
    margin: timedelta,
    deadline: datetime | None,
) -> datetime:
    """The instant of release: after ``hold``, but ``margin`` before ``deadline`` where there is one,
    and never before ``minimum`` has passed, so that a reply sent in haste can still be caught.

    All durations are at least zero; a ``hold`` shorter than ``minimum`` is the author's own choice
    and wins over it.
    """
    wanted = written_at + hold
    if deadline is not None:
        wanted = min(wanted, deadline - margin)
    return max(wanted, written_at + min(minimum, hold))
