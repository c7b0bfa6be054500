"""Updates brought to the customers of linked tickets, in small transactions, each once.

The row is the work: whoever dies meanwhile leaves it waiting, and the next pass finds it.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from escalation.incidents.models import AffectedTicket, Incident, Telling, Update
from tickets.errors import ServiceRefused
from tickets.lifecycle import ACTIVE, Status
from tickets.models import Message, Ticket
from tickets.people.models import User
from tickets.services import conversation
from tickets.services.locking import lock_survivor

logger = logging.getLogger(__name__)
State = Telling.State
BATCH, MOST_FAILURES = 50, 5
FIRST_WAIT = timedelta(seconds=30)


def spread(*, update: Update, now: datetime) -> int:
    """Decides that the customer of each linked open ticket hears ``update``, and where it says that
    it is over of each that is solved, too; returns how many there are.

    Runs in the transaction that says it; the words leave with the next passes.
    """
    heard = [*ACTIVE, Status.SOLVED] if update.state == Incident.State.RESOLVED else [*ACTIVE]
    linked = AffectedTicket.objects.filter(incident=update.incident_id, ticket__status__in=heard)
    linked = linked.order_by("pk")
    rows = [
        Telling(update=update, ticket_id=ticket, next_at=now)
        for ticket in linked.values_list("ticket", flat=True)
    ]
    return len(Telling.objects.bulk_create(rows, ignore_conflicts=True))


def spread_next(now: datetime) -> int:
    """Tells the next customers who wait; returns how many rows it looked at, none when idle."""
    rows = list(Telling.objects.due(now).select_related("update__author", "ticket")[:BATCH])
    for row in rows:
        try:
            _tell(row, now)
        except Exception as problem:
            logger.exception("Telling %s of an incident failed", row.pk)
            _set_back(row, problem, now)
    return len(rows)


@transaction.atomic
def _tell(row: Telling, now: datetime) -> None:
    """The ticket first, then the row: one of two workers finds it settled.

    A merge may have brought two tickets together of which each was to hear it: they hear it once.
    """
    ticket = lock_survivor(row.ticket)
    waiting = Telling.objects.filter(pk=row.pk, state=State.WAITING)
    if ticket.pk != row.ticket_id:
        if Telling.objects.filter(update=row.update_id, ticket=ticket).exists():
            waiting.delete()
            return
        waiting.update(ticket=ticket)
    if not waiting.update(state=State.TOLD, settled_at=now):
        return
    author = row.update.author
    if author is None:
        _not_told(row, "who wrote it does not work here any more")
        return
    try:
        message = _write(row.update, author, ticket, now)
    except ServiceRefused as refusal:
        _not_told(row, str(refusal)[:300])
        return
    Telling.objects.filter(pk=row.pk).update(message=message)


def _write(update: Update, author: User, ticket: Ticket, now: datetime) -> Message:
    """A line of progress; that it is over goes as a reply to who has been answered already.

    Held as briefly as any: it can be recalled, and nobody should learn of an outage in half an hour.
    """
    hold = settings.HOLD_MINIMUM
    if update.state == Incident.State.RESOLVED and ticket.status == Status.SOLVED:
        return conversation.reply(
            ticket=ticket, author=author, body=update.text, now=now, hold=hold
        )
    return conversation.progress(ticket=ticket, author=author, text=update.text, now=now, hold=hold)


def _not_told(row: Telling, because: str) -> None:
    Telling.objects.filter(pk=row.pk).update(state=State.NOT_TOLD, because=because)


def _set_back(row: Telling, problem: Exception, now: datetime) -> None:
    failures = row.failures + 1
    fields: dict[str, object] = {"failures": failures, "next_at": now + FIRST_WAIT * 2**failures}
    if failures >= MOST_FAILURES:
        fields |= {
            "state": State.NOT_TOLD, "settled_at": now,
            "because": f"it failed {failures} times: {problem}"[:300],
        }  # fmt: skip
    Telling.objects.filter(pk=row.pk, state=State.WAITING).update(**fields)
