"""What somebody has not read on the desk in time is told by mail: one mail for all of it.

The row is the work: ``mail_at`` says when, and whoever takes it away writes the mail, in one
transaction. A worker that dies leaves the rows as they were; two never write the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min
from django.template.loader import render_to_string

from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.people.models import Absence, User
from tickets.services.mailing import one_line, sender
from tickets.telling import words
from tickets.telling.models import Notification, NotificationKind
from tickets.telling.querysets import ToldQuerySet

logger = structlog.get_logger(__name__)
LINES = 50
# What cannot be told for some reason of its own waits, as long again as it has waited, within these;
# nobody else does.
SOONEST, LATEST = timedelta(minutes=15), timedelta(hours=6)
Kind = NotificationKind
SUBJECTS = {
    Kind.ASSIGNED: "{} tickets were given to you",
    Kind.TAKEN: "{} tickets were taken over from you",
    Kind.WROTE: "Customers wrote on {} of your tickets",
    Kind.NOTED: "Colleagues wrote notes on {} of your tickets",
}


def mail_next(now: datetime) -> bool:
    """Tells one person what they have not read, or that nothing is to be told; False where
    nothing is due."""
    with transaction.atomic():
        first = _locked(Notification.objects.due(now).first_of_each(), most=1)
        if not first:
            return False
        try:
            with transaction.atomic():
                _tell(first[0].person, now)
        except Exception:
            logger.exception("not_told_by_mail", person=first[0].person_id)
            _set_back(Notification.objects.due(now).filter(person=first[0].person), now)
    return True


def _set_back(rows: ToldQuerySet, now: datetime) -> None:
    since = rows.aggregate(at=Min("at"))["at"] or now
    rows.update(mail_at=now + min(max(now - since, SOONEST), LATEST))


def _tell(person: User, now: datetime) -> None:
    """All that waits goes along, also what is not due yet: one mail, and then silence."""
    waiting = Notification.objects.filter(person=person, mail_at__isnull=False)
    absence = Absence.objects.of_each(now, [person.pk]).get(person.pk)
    if absence is not None and person.is_active:
        waiting.update(mail_at=absence.ends_at)
        return
    keys = [row.pk for row in _locked(waiting.order_by("pk"))]
    taken = Notification.objects.filter(pk__in=keys, mail_at__isnull=False).update(mail_at=None)
    if not taken or not person.is_active or not outbox.is_mailable(person.email):
        return
    theirs = Notification.objects.filter(pk__in=keys).seen_by(person).unread().wanted("by_mail")
    kinds = [Kind(each) for each in theirs.order_by().values_list("kind", flat=True)]
    if kinds:
        rows = list(theirs.with_words().newest_first()[:LINES])
        _queue(person, rows, kinds, now)


def _queue(
    person: User, rows: Sequence[Notification], kinds: Sequence[Kind], now: datetime
) -> None:
    zone = person.zone
    lines = [
        {
            "said": one_line(words.sentence(row, person)),
            "subject": one_line(row.ticket.subject),
            "reference": row.ticket.reference,
            "at": f"{row.at.astimezone(zone):%a %d %b, %H:%M %Z}",
            "gist": one_line(words.gist(row)),
            "address": f"{settings.BASE_URL}/tickets/{row.ticket.reference}/",
        }
        for row in rows
    ]
    outbox.queue(
        purpose=OutgoingMail.Purpose.ALERT,
        recipients=[outbox.Recipient(person.email, one_line(person.name))],
        subject=_subject(lines, kinds),
        text=render_to_string(
            "mail/notifications.txt",
            {
                "lines": lines,
                "more": len(kinds) - len(lines),
                "all": f"{settings.BASE_URL}/notifications/",
                "choose": f"{settings.BASE_URL}/notifications/settings/",
            },
        ),
        now=now,
        sender=sender(),
        headers={"Auto-Submitted": "auto-generated"},
    )


def _subject(lines: Sequence[dict[str, str]], kinds: Sequence[Kind]) -> str:
    first, number = lines[0], len(kinds)
    if number == 1:
        return f"[{first['reference']}] {first['said']}: {first['subject']}"
    if {line["reference"] for line in lines} == {first["reference"]}:
        return f"[{first['reference']}] {number} notifications: {first['subject']}"
    of_one_kind = SUBJECTS.get(kinds[0]) if len(set(kinds)) == 1 else None
    return (of_one_kind or "{} notifications that you have not read").format(number)


def _locked(rows: ToldQuerySet, most: int | None = None) -> list[Notification]:
    """What others hold meanwhile is theirs, or is told the next time."""
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    return list(rows[:most])
