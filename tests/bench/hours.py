"""Business time: a thousand working hours from a calendar that remembers nothing yet."""

import statistics
import time
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from typing import Any

from escalation.sla.hours import WorkCalendar

ROUNDS = 50
OFFICE = {day: [(clock(9), clock(17))] for day in range(5)}


def measure() -> dict[str, Any]:
    return {"a thousand working hours, ms": statistics.median(_taken() for _ in range(ROUNDS))}


def _taken() -> float:
    calendar = WorkCalendar("America/New_York", OFFICE)
    start = time.perf_counter()
    calendar.add(datetime(2026, 3, 6, 21, tzinfo=UTC), timedelta(hours=1000))
    return (time.perf_counter() - start) * 1000
