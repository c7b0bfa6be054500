"""The sweep: wakes every second or two and takes whatever is due."""

import time
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from escalation import alarming, learning, pulse
from escalation.raising import raise_next

# A pass ends after this long even when more is due; the next tick goes on from there.
LONGEST_PASS = 20.0


@shared_task(name="escalation.tasks.sweep", ignore_result=True)
def sweep() -> int:
    """Acts until nothing is due, reading the clock for each batch; returns how many there were."""
    return sweep_until_idle()


@shared_task(name="escalation.tasks.hear_rates", ignore_result=True)
def hear_rates() -> int:
    """Judges by the exchange rates that have become valid."""
    return learning.hear_rates(timezone.now())


def sweep_until_idle(longest: float = LONGEST_PASS) -> int:
    started, acted = time.monotonic(), 0
    while raise_next(timezone.now()):
        acted += 1
        if time.monotonic() - started > longest:
            break
    took = timedelta(seconds=time.monotonic() - started)
    pulse.beat(at=timezone.now(), took=took, acted=acted)
    alarming.tell_admins(timezone.now())
    return acted
