"""One pass of the outbox: release, announce, claim, send, settle."""

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError

from tickets.outbox.delivery import Courier, Outcome
from tickets.outbox.models import Delivery
from tickets.outbox.services.announcing import announce_pending
from tickets.outbox.services.claiming import begin, claim, put_back
from tickets.outbox.services.releasing import release_due
from tickets.outbox.services.settling import MOST_TRIES, settle_failed, settle_sent

logger = structlog.get_logger(__name__)
BATCH = 50
# How long everybody else waits when the mail server itself is in trouble.
PAUSE = timedelta(minutes=1)
Clock = Callable[[], datetime]


def deliver_due(now: datetime, *, batches: int = 20, clock: Clock | None = None) -> int:
    """Does what is due at ``now`` and returns how many mails left.

    ``clock`` tells the instant at which each mail really left, which is what counts for deadlines;
    without one everything happens at ``now``. No transaction is open while a server is spoken to.
    """
    clock = clock or (lambda: now)
    while release_due(now=now):
        pass
    announce_pending(now=now)
    sent = 0
    for _ in range(batches):
        batch = _Batch(claim(now=now, limit=BATCH), clock)
        sent += batch.send()
        if not batch.go_on:
            break
    return sent


class _Batch:
    """Claimed deliveries on their way over one connection."""

    def __init__(self, rows: list[Delivery], clock: Clock) -> None:
        self.rows, self.clock = deque(rows), clock
        self.courier = Courier()
        self.go_on = bool(rows)

    def send(self) -> int:
        """How many were accepted. Whatever happens, what was not tried is free for others."""
        sent = 0
        try:
            with self.courier:
                while self.rows and not self.courier.gave_up:
                    sent += self._send(self.rows.popleft())
        finally:
            self._put_back_the_rest()
        return sent

    def _send(self, row: Delivery) -> bool:
        if not begin(delivery=row, now=self.clock()):
            return False
        if row.tries > MOST_TRIES:
            outcome = Outcome(error=f"No try of {MOST_TRIES} came to an end.", permanent=True)
        else:
            outcome = self.courier.send(row)
        return self._settle(row, outcome)

    def _settle(self, row: Delivery, outcome: Outcome) -> bool:
        try:
            if outcome.accepted:
                return settle_sent(delivery=row, now=self.clock())
            error, permanent = outcome.error, outcome.permanent
            settle_failed(delivery=row, now=self.clock(), error=error, permanent=permanent)
        except Exception:
            # The lease runs out and the row is tried again; the others go on now.
            logger.exception("mail_not_settled", delivery=row.pk)
        return False

    def _put_back_the_rest(self) -> None:
        if self.courier.gave_up:
            self.go_on = False
            at, because = self.clock() + PAUSE, self.courier.gave_up
        else:
            at, because = self.clock(), ""
        # Without a database the lease does it.
        with suppress(DatabaseError):
            put_back(deliveries=self.rows, at=at, because=because)
