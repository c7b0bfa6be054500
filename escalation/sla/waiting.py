"""One wait: somebody waits for something, from when to when, before any target is applied."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from escalation.sla.timeline import Timeline, Window
from escalation.sla.values import Fact, FactKind, Metric

ANSWERS = (FactKind.REPLY_RELEASED, FactKind.CALL_REACHED)


@dataclass(frozen=True, slots=True)
class Wait:
    """One cycle of one metric.

    Time counts from `origin`, verdicts from `judged_from`: a reopened resolution or a wait taken
    over in a merge brings time with it but is never late before it exists. `shifts` are merges and
    the starts they bring: from then on the earliest counts. While `quiet` (solved
    without being satisfied) nothing is late; an answer that still comes is judged all the same.
    """

    metric: Metric
    cycle: int
    started_at: datetime
    origin: datetime
    judged_from: datetime
    subject: str = ""
    ended_at: datetime | None = None
    satisfied: bool = False
    promised_at: datetime | None = None
    shifts: tuple[tuple[datetime, datetime], ...] = ()
    quiet: tuple[Window, ...] = ()
    attempts: tuple[datetime, ...] = ()

    @classmethod
    def began(cls, metric: Metric, cycle: int, at: datetime, subject: str = "") -> Wait:
        return cls(metric, cycle, at, at, at, subject)

    def met(self, at: datetime) -> Wait:
        return replace(self, ended_at=at, satisfied=True)

    def dropped(self, at: datetime) -> Wait:
        return replace(self, ended_at=at, satisfied=False)

    def shifted(self, fact: Fact) -> Wait:
        """Rule 9: the running clock takes the earlier start of the same customer's wait."""
        if fact.wait_since is None:
            return self
        return replace(self, shifts=(*self.shifts, (fact.at, fact.wait_since)))

    def silenced(self, ticket: Timeline) -> Wait:
        """Quiet while the ticket is solved after the wait began, until somebody waits once more."""
        messages = [fact.at for fact in ticket.of_kind(FactKind.CUSTOMER_MESSAGE)]
        messages += [fact.at for fact in ticket.of_kind(FactKind.MERGED_IN) if fact.wait_since]
        windows = []
        for start, end in ticket.solved:
            if start >= self.judged_from:
                ends = [at for at in messages if at > start] + ([end] if end else [])
                windows.append((start, min(ends, default=None)))
        return replace(self, quiet=tuple(windows))
