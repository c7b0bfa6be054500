"""What timers do for incidents: customers are told, and whatever gets worse is raised."""

import time

from celery import shared_task
from django.utils import timezone

from escalation.incidents import services

# A pass ends after this long even when more is due; the next tick goes on from there.
LONGEST_PASS = 20.0


@shared_task(name="escalation.incidents.tasks.spread", ignore_result=True)
def spread() -> int:
    """Tells customers and subscribers what was said of incidents until nobody waits; returns how many.

    Tickets come first: who is told there gets no mail besides.
    """
    started, told = time.monotonic(), 0
    while looked := services.spread_next(timezone.now()) or services.notify_next(timezone.now()):
        told += looked
        if time.monotonic() - started > LONGEST_PASS:
            break
    return told


@shared_task(name="escalation.incidents.tasks.judge", ignore_result=True)
def judge() -> int:
    """Raises the open incidents whose impact has come to a rule's; returns how many."""
    return services.judge_open(timezone.now())


@shared_task(name="escalation.incidents.tasks.forget", ignore_result=True)
def forget() -> int:
    """Forgets the addresses that nobody confirmed; returns how many."""
    return services.forget_abandoned(timezone.now())
