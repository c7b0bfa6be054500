"""The sweep: with nothing due, and with ten thousand clocks due at once."""

import statistics
import time
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from escalation import raising
from escalation.models import Clock, ClockStep, Escalation
from tests.bench.load import clone_ticket
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
    now = timezone.now()
    ticket = opening.open_ticket(
        subject="Due with ten thousand others", body="Hello", channel="email", now=now,
        requester=Contact.objects.order_by("-pk")[0], acknowledge=False,
    )  # fmt: skip
    clone_ticket(ticket, MANY - 1)
    due = Clock.objects.filter(ticket=ticket).aggregate(at=Max("next_step_at"))["at"]
    breach = max(clock.due_at for clock in Clock.objects.filter(ticket=ticket) if clock.due_at)
    later = max(due, breach) + timedelta(seconds=1)
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


def _counts() -> tuple[int, int, int]:
    return ClockStep.objects.count(), Escalation.objects.count(), OutgoingMail.objects.count()
