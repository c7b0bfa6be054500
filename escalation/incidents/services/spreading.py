"""Updates brought to the customers of linked tickets, in small transactions, each once.

The row is the work: whoever dies meanwhile leaves it waiting, and the next pass finds it.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery

from escalation.incidents.models import AffectedTicket, Incident, Telling, Update
from escalation.incidents.services import letters
from escalation.incidents.services.settling import OFF
from escalation.incidents.services.sparing import beside, spare, spared
from tickets.errors import Over, ServiceRefused
from tickets.lifecycle import ACTIVE, Status
from tickets.models import Message, Ticket
from tickets.services import conversation
from tickets.services.locking import lock_survivor
from tickets.services.words import MAX_LINE

logger = logging.getLogger(__name__)
State = Telling.State
RESOLVED = Incident.State.RESOLVED
BATCH, MOST_FAILURES = 50, 5
FIRST_WAIT = timedelta(seconds=30)


def spread(*, update: Update, now: datetime) -> int:
    """Decides that the customer of each linked open ticket hears ``update``; also of one that is
    solved, where it says that it is over, or they were last told so. Returns of how many tickets.

    Of several tickets of one customer the open and the newest come first. Runs in the transaction that
    says it; the words leave with the next passes.
    """
    last = Telling.objects.heard_before(update).filter(ticket=OuterRef("ticket"))
    solved = Q(ticket__status=Status.SOLVED)
    if update.state != RESOLVED:
        solved &= Q(last=RESOLVED)
    linked = AffectedTicket.objects.filter(incident=update.incident_id)
    linked = linked.alias(last=Subquery(last.values("update__state")[:1]))
    linked = linked.filter(Q(ticket__status__in=ACTIVE) | solved).order_by(
        F("ticket__solved_at").desc(nulls_first=True), "-ticket__opened_at", "-ticket_id"
    )
    rows = [
        Telling(update=update, ticket_id=ticket, next_at=now)
        for ticket in linked.values_list("ticket", flat=True)
    ]
    return len(Telling.objects.bulk_create(rows, ignore_conflicts=True))


def spread_next(now: datetime) -> int:
    """Tells the next customers who wait; returns how many rows it looked at, none when idle."""
    rows = list(Telling.objects.due(now).select_related("ticket")[:BATCH])
    for row in rows:
        try:
            _tell(row, now)
        except Exception as problem:
            logger.exception("Telling %s of an incident failed", row.pk)
            _set_back(row, problem, now)
    return len(rows)


@transaction.atomic
def _tell(row: Telling, now: datetime) -> None:
    """The ticket first, then the row, read anew for a merge may have moved it: one of two workers finds
    it settled. A customer with several tickets hears it on one of them."""
    ticket = lock_survivor(row.ticket)
    fresh = _read(row, ticket)
    if fresh is None:
        return
    others = beside(fresh)
    waiting = Telling.objects.filter(pk=fresh.pk, state=State.WAITING)
    if not waiting.update(state=State.TOLD, settled_at=now) or spared(fresh, now):
        return
    try:
        message = _write(fresh.update, ticket, now)
    except ServiceRefused as refusal:
        _not_told(fresh, str(refusal)[:300])
        return
    Telling.objects.filter(pk=fresh.pk).update(message=message)
    if others:
        spare(others, message, now)


def _read(row: Telling, ticket: Ticket) -> Telling | None:
    """The row as it is under the lock of ``ticket``; None where nothing is to be said any more.

    Two tickets may have been merged before it was known that each was to hear it: they hear it once,
    and who was told is not who waits, where two customers met.
    """
    rows = Telling.objects.select_related("update__author", "update__incident", "ticket")
    fresh = rows.filter(pk=row.pk, state=State.WAITING).first()
    if fresh is None or fresh.ticket_id == ticket.pk:
        return fresh
    other = Telling.objects.filter(update=fresh.update_id, ticket=ticket).first()
    if other is None:
        fresh.ticket = ticket
        fresh.save(update_fields=["ticket"])
        return fresh
    if other.state == State.TOLD and fresh.ticket.requester_id != ticket.requester_id:
        return fresh
    Telling.objects.filter(pk=fresh.pk, state=State.WAITING).delete()
    return None


def _write(update: Update, ticket: Ticket, now: datetime) -> Message:
    """A line of progress; that it is over, or is not after all, goes as a reply to who has been
    answered already. Raises ServiceRefused.

    Held as briefly as any: it can be recalled, and nobody should learn of an outage in half an hour.
    """
    hold, author, text = settings.HOLD_MINIMUM, update.author, _said(update)
    if not AffectedTicket.objects.filter(incident=update.incident_id, ticket=ticket).exists():
        raise Over(OFF)
    if author is None:
        raise Over("who wrote it does not work here any more")
    if ticket.status == Status.SOLVED and _is_of_its_end(update, ticket):
        return conversation.reply(ticket=ticket, author=author, body=text, now=now, hold=hold)
    return conversation.progress(ticket=ticket, author=author, text=text, now=now, hold=hold)


def _said(update: Update) -> str:
    """Its words, and which incident they are about where everybody may read of it. What is too long
    for both says its own words: no customer stays without them."""
    if not update.is_public:
        return update.text
    whole = f"{update.text}\n\n{letters.about(update.incident)}"
    return whole if len(whole) <= MAX_LINE else update.text


def _is_of_its_end(update: Update, ticket: Ticket) -> bool:
    """Whether it says that the incident is over, or that this is so no more."""
    if update.state == RESOLVED:
        return True
    before = Telling.objects.heard_before(update).filter(ticket=ticket)
    return before.values_list("update__state", flat=True).first() == RESOLVED


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
