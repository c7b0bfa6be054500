"""The locks of a call under way: its ticket first, as everywhere, then the call."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from tickets.calls.models import Call
from tickets.errors import TooLate
from tickets.models import Ticket
from tickets.services.locking import lock
from tickets.words import ago


@contextmanager
def under_way(call: Call, now: datetime) -> Iterator[Call]:
    """``call`` itself, brought up to date in place, it and its ticket locked, in a transaction.

    A merge or another tab may put it on another ticket while a row is waited for. Raises TooLate
    where it is over.
    """
    with transaction.atomic():
        while not _locked(call):
            pass
        if call.ended_at is not None:
            raise TooLate(f"This call was finished already, {ago(call.ended_at, now)}.")
        yield call


def _locked(call: Call) -> bool:
    """Whether the locked row still belongs to the ticket that was locked before it."""
    point = transaction.savepoint()
    ticket = Ticket.objects.filter(calls=call.pk).first()
    if ticket is not None:
        lock(ticket)
    row = (
        Call.objects.select_for_update(no_key=True, of=("self",))
        .select_related("contact")
        .get(pk=call.pk)
    )
    if row.ticket_id != (ticket.pk if ticket else None):
        transaction.savepoint_rollback(point)
        return False
    transaction.savepoint_commit(point)
    for field in Call._meta.concrete_fields:
        setattr(call, field.attname, getattr(row, field.attname))
    call.ticket, call.contact = ticket, row.contact
    return True
