"""The rest of the history: filled in, one story at a time, while the desk is already open.

Each story is one transaction together with the count of those left, so that a stop between two
leaves whole tickets only, and the next start goes on where this one ended.
"""

import logging
import random
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import OperationalError, close_old_connections, transaction

from escalation.demo.history import AT_WORK, History, draw
from escalation.demo.mailbox import in_the_past
from escalation.demo.news import catch_up
from escalation.demo.people import Company
from escalation.models import Pulse

logger = logging.getLogger(__name__)
Told = Callable[[int], None]
NAME = "demo filling"
# Of every ten that are filled in so many were solved days ago, and so many closed after that.
ENDED, CLOSED = 6, 2
# Between two stories the desk and the timers have the database, for as long as one took: who waits for
# SQLite looks again after a tenth of a second only, and would miss a shorter gap again and again.
BREATH = 0.1
# How long a story waits that found the database in other hands.
PATIENCE = 1.0


def plan(count: int, now: datetime) -> None:
    """``count`` stories are still to be told, as they went until ``now``."""
    Pulse.objects.create(name=NAME, at=now, took=timedelta(0), acted=count)


def missing() -> int:
    """How many stories are still to be told."""
    return Pulse.objects.filter(name=NAME).values_list("acted", flat=True).first() or 0


def fill(company: Company, told: Told, stopping: threading.Event | None = None) -> None:
    """Tells what is missing, until ``stopping``; ``told`` hears after each how many are left.

    Whoever looks around changes the company meanwhile: a story that cannot be told any more is
    logged and left out. One that the database was too busy for is told again a moment later;
    with nothing to stop it, nobody works beside it either: then it does not wait, and raises.
    """
    rest = Pulse.objects.filter(name=NAME).first()
    left, took = rest.acted if rest else 0, 0.0
    while rest and left and not (stopping and stopping.wait(max(BREATH, took))):
        began = time.monotonic()
        try:
            _next(company, rest.at, left - 1)
        except OperationalError:
            if not stopping:
                raise
            logger.warning("The demonstration waits for its database.", exc_info=True)
            stopping.wait(PATIENCE)
            continue
        took = time.monotonic() - began
        left -= 1
        told(left)


def _next(company: Company, now: datetime, left: int) -> None:
    """Tells one story, or counts it as told where it cannot be."""
    try:
        with transaction.atomic(), in_the_past():
            _tell(company, now, left)
            Pulse.objects.filter(name=NAME).update(acted=left)
    except OperationalError:
        raise
    except Exception:
        logger.exception("A story of the demonstration could not be told.")
        Pulse.objects.filter(name=NAME).update(acted=left)


def _tell(company: Company, now: datetime, number: int) -> None:
    dice = random.Random(number)
    fates = draw(dice, AT_WORK, 1)
    if number % 10 < ENDED:
        fates = ["closed" if number % 10 < CLOSED else "solved"]
    History(company, now, dice, alone=True).play(fates, lambda done, of: None)
    catch_up(now)


class Filling:
    """``fill`` on a thread of its own."""

    def __init__(self, company: Company, told: Told) -> None:
        self.company, self.told = company, told
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="archive", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        try:
            fill(self.company, self.told, self._stopping)
        finally:
            close_old_connections()
