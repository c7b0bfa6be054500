"""Public updates mailed to subscribers, in small batches, each once.

The row is the work, as in ``spreading``: a batch and its mails are one transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import DateTimeField, F, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower
from django.db.models.lookups import In

from escalation.incidents.models import Notification, Subscriber, Telling, Update
from escalation.incidents.querysets import ON_THE_WAY, NotificationQuerySet
from escalation.incidents.services import letters
from tickets.outbox import services as outbox
from tickets.outbox.checking import is_mailable

logger = logging.getLogger(__name__)
State = Notification.State
Rows = list[Notification]
BATCH, MOST_FAILURES = 50, 5
FIRST_WAIT = timedelta(seconds=30)
# Who is being told on their ticket is looked at again: that may yet fail.
LOOK_AGAIN = timedelta(minutes=1)
ON_TICKET = "told on their ticket"
BEST_LAST = (Telling.State.NOT_TOLD, Telling.State.WAITING, Telling.State.TOLD)


def notify(*, update: Update, now: datetime) -> int:
    """Decides that each confirmed subscriber is mailed ``update``; returns how many there are.

    Runs in the transaction and the request that say it, so the database writes the rows by itself;
    the mails leave with the next passes.
    """
    given: dict[str, Combinable] = {
        "update_id": Value(update.pk), "subscriber_id": F("pk"), "state": Value(str(State.WAITING)),
        "next_at": Value(now, output_field=DateTimeField()), "failures": Value(0), "because": Value(""),
    }  # fmt: skip
    people = Subscriber.objects.confirmed().values_list(*given.values())
    chosen, params = people.query.sql_with_params()
    table, names = Notification._meta.db_table, ", ".join(given)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) {chosen} ON CONFLICT DO NOTHING",
            params,
        )
        return int(cursor.rowcount)


def notify_next(now: datetime) -> int:
    """Mails the next subscribers who wait; returns how many rows it looked at, none when idle.

    Where a batch fails each of its rows is tried alone, and one that fails again is set back.
    """
    with transaction.atomic():
        rows = _locked(now)
        try:
            with transaction.atomic():
                _settle(rows, now)
        except Exception:
            logger.warning("A batch failed; each of its rows is tried alone.", exc_info=True)
            _one_by_one(rows, now)
    return len(rows)


def mail_after_all(*, update: int, email: str, now: datetime) -> None:
    """Who was to be told on their ticket, and was not, gets the mail besides."""
    whose = Subscriber.objects.alias(plain=Lower("email")).filter(plain=email.lower())
    rows = Notification.objects.filter(update=update, subscriber__in=whose, state=State.TOLD)
    rows.filter(because=ON_TICKET).update(
        state=State.WAITING, next_at=now, settled_at=None, because=""
    )


def _one_by_one(rows: Rows, now: datetime) -> None:
    for row in rows:
        try:
            with transaction.atomic():
                # A failed attempt may have changed the object.
                _settle([_with_words().get(pk=row.pk)], now)
        except Exception as problem:
            logger.exception("Mailing subscriber %s failed; set back.", row.subscriber_id)
            _set_back(row, problem, now)


def _with_words() -> NotificationQuerySet:
    return Notification.objects.select_related("subscriber", "update__incident")


def _locked(now: datetime) -> Rows:
    """Rows that another worker holds are passed over; without row locks it waits until they are done."""
    due = _with_words().due(now)
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True, no_key=True, of=("self",))
    return list(due[:BATCH])


def _settle(rows: Rows, now: datetime) -> None:
    """Each is mailed; told on their ticket, which is enough; looked at again; or not told."""
    on_ticket = _on_tickets(rows)
    mailed: Rows = []
    for row in rows:
        told = on_ticket.get((row.update_id, row.subscriber.email.lower()), "")
        if told == Telling.State.WAITING:
            row.next_at = now + LOOK_AGAIN
            continue
        row.settled_at, row.state = now, State.TOLD
        if told == Telling.State.TOLD:
            row.because = ON_TICKET
        elif row.subscriber.confirmed_at is None or not is_mailable(row.subscriber.email):
            row.state, row.because = State.NOT_TOLD, "no mail arrives there"
        else:
            mailed.append(row)
    _mail(mailed, now)
    fields = ["state", "next_at", "settled_at", "because", "mail"]
    Notification.objects.bulk_update(rows, fields)


def _mail(rows: Rows, now: datetime) -> None:
    drafts = [letters.news(row.subscriber, row.update) for row in rows]
    for row, mail in zip(rows, outbox.queue_many(drafts, now=now), strict=True):
        row.mail = mail


def _on_tickets(rows: Iterable[Notification]) -> dict[tuple[int, str], str]:
    """How it stands with telling the same update on a ticket of the same person, by their address;
    of several tickets the best counts. Words that have not left yet may still be taken back."""
    keys = {row.update_id for row in rows}
    emails = {row.subscriber.email.lower() for row in rows}
    email = Lower("ticket__requester__email")
    told = Telling.objects.filter(In(email, emails), update__in=keys)
    states: dict[tuple[int, str], str] = {}
    for update, whose, state, mail in told.values_list(
        "update", email, "state", "message__mail__state"
    ):
        state = Telling.State.WAITING if mail in ON_THE_WAY else state
        before = states.get((update, whose), Telling.State.NOT_TOLD)
        states[update, whose] = max(before, state, key=BEST_LAST.index)
    return states


def _set_back(row: Notification, problem: Exception, now: datetime) -> None:
    failures = row.failures + 1
    fields: dict[str, object] = {"failures": failures, "next_at": now + FIRST_WAIT * 2**failures}
    if failures >= MOST_FAILURES:
        fields |= {
            "state": State.NOT_TOLD, "settled_at": now,
            "because": f"it failed {failures} times: {problem}"[:300],
        }  # fmt: skip
    Notification.objects.filter(pk=row.pk, state=State.WAITING).update(**fields)
