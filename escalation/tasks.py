"""The sweep: wakes every second or two and takes whatever is due."""

import time
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from escalation import alarming, pulse
from escalation.raising import raise_next

# A pass ends after this long even when more is due; the next tick goes on from there.
LONGEST_PASS = 20.0


@shared_task(name="escalation.tasks.sweep", ignore_result=True)
def sweep() -> int:
    """Reads the clock once and acts until nothing is due; returns the number of batches."""
    return sweep_until_idle()


def sweep_until_idle(longest: float = LONGEST_PASS) -> int:
    now, started, acted = timezone.now(), time.monotonic(), 0
    while raise_next(now):
        acted += 1
        if time.monotonic() - started > longest:
            break
    took = timedelta(seconds=time.monotonic() - started)
    pulse.beat(at=timezone.now(), took=took, acted=acted)
    alarming.tell_admins(timezone.now())
    return acted
