"""What people were told and have read; ``noting`` writes it down for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from tickets.models import Ticket
from tickets.people.models import User
from tickets.telling.models import Notification, NotificationKind, Preference

MOST = 50
# A badge that says more than this says «99+».
COUNTED = 100
KEPT_FOR = timedelta(days=90)
BATCH = 5_000
# Of the others the message was there before it happened.
SHOWN_BY_MESSAGES = [
    NotificationKind.WROTE, NotificationKind.MENTIONED, NotificationKind.NOTED,
    NotificationKind.ASSIGNED,
]  # fmt: skip


def unread(person: User) -> int:
    """How many things they have not read, ``COUNTED`` at most; one query."""
    theirs = Notification.objects.seen_by(person).unread().wanted("on_desk").newest_first()
    return len(theirs.values_list("pk", flat=True)[:COUNTED])


def newest(person: User, most: int = MOST) -> list[Notification]:
    """What they were told last, on the tickets that they see."""
    theirs = Notification.objects.seen_by(person).wanted("on_desk").newest_first()
    return list(theirs.with_words()[:most])


def read(*, ticket: Ticket, person: User, event: int, message: int, now: datetime) -> int:
    """They have read the ticket up to ``event`` and ``message``; what came later stays news.

    Numbers, because both are drawn under the ticket's lock, and instants are not.
    """
    shown = Q(event__lte=event) | Q(event__message__lte=message, kind__in=SHOWN_BY_MESSAGES)
    theirs = Notification.objects.filter(shown, person=person, ticket=ticket)
    return theirs.unread().update(read_at=now, mail_at=None)


def read_one(*, person: User, pk: int, now: datetime) -> int:
    theirs = Notification.objects.filter(person=person, pk=pk)
    return theirs.unread().update(read_at=now, mail_at=None)


def read_all(*, person: User, until: datetime, now: datetime) -> int:
    """Everything that they were told ``until`` then is read, however much it is."""
    with transaction.atomic():
        theirs = Notification.objects.filter(person=person, at__lte=until).unread().locked()
        rows = Notification.objects.filter(pk__in=list(theirs.values_list("pk", flat=True)))
        return rows.update(read_at=now, mail_at=None)


def read_before(*, at: datetime, now: datetime) -> int:
    """What anybody was told before ``at`` counts as read."""
    old = Notification.objects.unread().filter(at__lt=at)
    return old.update(read_at=now, mail_at=None)


def prefer(*, person: User, wanted: Mapping[str, tuple[bool, bool]]) -> None:
    """How they want to be told from now on: each kind with (on the desk, by mail)."""
    with transaction.atomic():
        Preference.objects.bulk_create(
            [
                Preference(person=person, kind=kind, on_desk=on_desk, by_mail=by_mail)
                for kind, (on_desk, by_mail) in wanted.items()
            ],
            update_conflicts=True,
            unique_fields=["person", "kind"],
            update_fields=["on_desk", "by_mail"],
        )


def forget(*, now: datetime, limit: int = BATCH) -> int:
    """Throws away what is older than ``KEPT_FOR``, read or not; returns how many went."""
    old = Notification.objects.filter(at__lt=now - KEPT_FOR).order_by("at")
    batch = list(old.values_list("pk", flat=True)[:limit])
    return Notification.objects.filter(pk__in=batch).delete()[0] if batch else 0


def mailed_after() -> timedelta:
    """How long somebody has to read it on the desk."""
    after: timedelta = settings.NOTIFY_BY_MAIL_AFTER
    return after
