"""The sweep: with nothing due, and with ten thousand clocks due at once."""

import statistics
import time
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from escalation import raising
from escalation.models import Clock, ClockStep, Escalation
from tests.bench.load import clone_ticket
from tickets.models import Ticket
from tickets.outbox.models import OutgoingMail
from tickets.people.models import Contact
from tickets.services import opening

MANY = 10_000


def measure() -> dict[str, Any]:
    _work_off(timezone.now())
    return _nothing_due() | _many_due()


def _work_off(now: datetime) -> None:
    while raising.raise_next(now):
        pass


def _nothing_due() -> dict[str, Any]:
    spent: list[float] = []

    def clocked(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        start = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent.append(time.perf_counter() - start)

    # The far past: every row lies ahead of it, so the index answers and nothing acts.
    past, totals = timezone.now() - timedelta(days=3650), []
    with connection.execute_wrapper(clocked):
        for _ in range(100):
            spent.clear()
            assert not raising.raise_next(past)
            totals.append(sum(spent) * 1000)
    return {"sweep with nothing due, ms of database": statistics.median(totals)}


def _many_due() -> dict[str, Any]:
    ticket = _just_breached(timezone.now())
    clone_ticket(ticket, MANY - 1)
    later = timezone.now()
    before = _counts()
    start = time.perf_counter()
    passes = 0
    while raising.raise_next(later):
        passes += 1
    took = time.perf_counter() - start
    after = _counts()
    return {
        "sweep with 10,000 tickets due, s": took,
        "… steps of clocks": after[0] - before[0],
        "… climbs": after[1] - before[1],
        "… mails": after[2] - before[2],
        "… passes": passes,
    }


def _just_breached(now: datetime) -> Ticket:
    """A ticket whose first reply fell due within the hour before ``now``, with nothing done yet.

    So it and its clones are due now, and nothing else in the database becomes due by waiting for them.
    """
    for hours in range(1, 24 * 14):
        with transaction.atomic():
            ticket = opening.open_ticket(
                subject="Due with ten thousand others", body="Hello", channel="email",
                requester=Contact.objects.order_by("-pk")[0], acknowledge=False,
                now=now - timedelta(hours=hours),
            )  # fmt: skip
            if Clock.objects.filter(ticket=ticket, metric="first_reply", due_at__lte=now).exists():
                return ticket
            transaction.set_rollback(True)
    raise AssertionError("No ticket of the last fortnight has missed its first reply.")


def _counts() -> tuple[int, int, int]:
    return ClockStep.objects.count(), Escalation.objects.count(), OutgoingMail.objects.count()
