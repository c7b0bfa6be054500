"""What timers do for incidents: customers are told, and whatever gets worse is raised."""

import time

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from escalation.incidents import services
from tickets.outbox import services as outbox
from tickets.outbox.turns import turn

# A pass ends after this many seconds even when more is due; the next tick goes on from there. Short,
# and one at a time: however many are to be told, the worker is there for the deadlines.
LONGEST_PASS = 3.0


@shared_task(name="escalation.incidents.tasks.spread", ignore_result=True)
def spread() -> int:
    """Tells customers and subscribers what was said of incidents, until nobody waits or the outbox
    is behind: a mail to one person never stands in line after the mails to all. Returns how many.

    Tickets come first: who is told there gets no mail besides.
    """
    with turn(settings.DATA_DIR / "incidents.lock") as is_ours:
        return _spread() if is_ours else 0


def _spread() -> int:
    started, told = time.monotonic(), 0
    while not outbox.is_behind(now=timezone.now()):
        looked = services.spread_next(timezone.now()) or services.notify_next(timezone.now())
        told += looked
        if not looked or time.monotonic() - started > LONGEST_PASS:
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
