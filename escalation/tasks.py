"""The sweep: wakes every second or two and takes whatever is due."""

import time
from datetime import datetime, timedelta

from celery import shared_task
from django.utils import timezone

from escalation import alarming, learning, pulse
from escalation.raising import raise_next
from escalation.returning import bring_back

# A pass ends after this long even when more is due; the next tick goes on from there.
LONGEST_PASS = 20.0
# Shorter: nothing of it is due to the second, and it must not keep a worker from what is.
LONGEST_HEARING = 3.0


@shared_task(name="escalation.tasks.sweep", ignore_result=True)
def sweep() -> int:
    """Acts until nothing is due, reading the clock for each batch; returns how many there were."""
    return sweep_until_idle()


@shared_task(name="escalation.tasks.hear_rates", ignore_result=True)
def hear_rates(longest: float = LONGEST_HEARING) -> int:
    """Judges by the exchange rates that have become valid; returns by how many batches."""
    started, heard = time.monotonic(), 0
    while learning.hear_next(timezone.now()):
        heard += 1
        if time.monotonic() - started >= longest:
            break
    return heard


def sweep_until_idle(longest: float = LONGEST_PASS) -> int:
    started, acted = time.monotonic(), 0
    while _act(timezone.now()):
        acted += 1
        if time.monotonic() - started > longest:
            break
    took = timedelta(seconds=time.monotonic() - started)
    pulse.beat(at=timezone.now(), took=took, acted=acted)
    alarming.tell_admins(timezone.now())
    return acted


def _act(now: datetime) -> bool:
    """A batch of deadlines, then one of what comes back: neither makes the other wait, nor stops it."""
    try:
        acted = raise_next(now)
    finally:
        back = bring_back(now)
    return acted or back
