"""Letting held mail go when its time has come."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from tickets.outbox.models import Delivery, OutgoingMail
from tickets.outbox.services.announcing import end, lock_owners, telling

State = OutgoingMail.State


def release_due(*, now: datetime, limit: int = 100) -> int:
    """Releases what is due, in the order of its time; returns how many this call released.

    A recall, an edit or another worker at the same moment: whoever changes the row first wins.
    """
    with transaction.atomic():
        keys = _due(now, limit)
        addressed = [pk for pk, has_recipients in keys if has_recipients]
        released = _release(addressed, now) if addressed else 0
    nobody = [pk for pk, has_recipients in keys if not has_recipients]
    return released + sum(_sent_to_nobody(mail, now) for mail in _held(nobody))


def _release(keys: list[int], now: datetime) -> int:
    released = _held(keys).update(state=State.RELEASED, released_at=now)
    Delivery.objects.filter(
        mail__in=keys, mail__state=State.RELEASED, state=Delivery.State.WAITING, next_try_at=None
    ).update(next_try_at=now)
    return released


def _due(now: datetime, limit: int) -> list[tuple[int, bool]]:
    due = OutgoingMail.objects.filter(state=State.HELD, release_at__lte=now)
    due = due.order_by("release_at", "pk")
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True)
    has_recipients = Exists(Delivery.objects.filter(mail=OuterRef("pk")))
    return list(due.values_list("pk", has_recipients)[:limit])


def _held(keys: list[int]) -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(pk__in=keys, state=State.HELD)


def _sent_to_nobody(mail: OutgoingMail, now: datetime) -> bool:
    """Nobody to mail to: the customer reads it elsewhere, from this moment on."""

    def change(tell: bool) -> bool:
        if tell:
            lock_owners(mail)
        mail.released_at = now
        OutgoingMail.objects.filter(pk=mail.pk, state=State.HELD).update(released_at=now)
        return end(mail, State.SENT, among=[State.HELD], now=now, tell=tell)

    return telling(change, mail)
