"""Facts read as waits: every cycle of every metric of a ticket."""

from __future__ import annotations

from collections.abc import Iterator

from escalation.sla.promises import callbacks, questions
from escalation.sla.replies import first_reply, next_replies, updates
from escalation.sla.timeline import Timeline
from escalation.sla.values import FactKind, Metric
from escalation.sla.waiting import Wait


def waits(ticket: Timeline) -> list[Wait]:
    """Every wait of a ticket, by metric, then in the order in which they began.

    Rule 9: what still ran when the ticket was merged away is cancelled, not met.
    """
    found = [
        *first_reply(ticket),
        *next_replies(ticket),
        *updates(ticket),
        *resolutions(ticket),
        *callbacks(ticket),
        *questions(ticket),
    ]
    if ticket.merged_at is None:
        return found
    return [wait if wait.ended_at else wait.dropped(ticket.merged_at) for wait in found]


def resolutions(ticket: Timeline) -> Iterator[Wait]:
    """From the opening until solved; each reopening continues it as a cycle of its own."""
    if ticket.opened_at is None:
        return
    starts = [ticket.opened_at, *(end for _, end in ticket.solved if end)]
    stops = [start for start, _ in ticket.solved]
    merges = ticket.of_kind(FactKind.MERGED_IN)
    for index, start in enumerate(starts):
        stop = stops[index] if index < len(stops) else None
        wait = Wait(Metric.RESOLUTION, index + 1, start, ticket.opened_at, start)
        for merge in merges:
            if stop is None or merge.at < stop:
                wait = wait.shifted(merge)
        yield wait.met(stop) if stop else wait
