"""Taking deliveries for sending, so that no two workers send the same one."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet

from tickets.outbox.models import Delivery

LEASE = timedelta(minutes=5)
State = Delivery.State
BATCH = 50
PENDING = [State.WAITING, State.SENDING]


def lease() -> timedelta:
    """Longer than one conversation with a mail server can take, each of whose steps may time out."""
    return max(LEASE, timedelta(seconds=10 * (settings.EMAIL_TIMEOUT or 0)))


def claim(*, now: datetime, limit: int = BATCH, lease: timedelta | None = None) -> list[Delivery]:
    """Up to ``limit`` due deliveries, ours until ``now + lease``, those due first first.

    A delivery whose worker died is due again when its lease has run out. Each comes with its mail
    and the mail's other recipients, and files, in four queries however many there are.
    """
    token = uuid.uuid4()
    with transaction.atomic():
        due = Delivery.objects.filter(state__in=PENDING, next_try_at__lte=now)
        due = due.order_by("next_try_at", "pk")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        keys = list(due.values_list("pk", flat=True)[:limit])
        # The condition once more: on a database without row locks it decides who was first.
        taken = keys and Delivery.objects.filter(
            pk__in=keys, state__in=PENDING, next_try_at__lte=now
        ).update(
            state=State.SENDING,
            claim=token,
            next_try_at=now + (_lease() if lease is None else lease),
        )
    return _claimed(keys, token) if taken else []


# The parameter of ``claim`` hides the function's name.
_lease = lease


def is_behind(*, now: datetime, by: int = BATCH) -> bool:
    """Whether so many deliveries wait to be sent ``now`` that mails to many people have to wait."""
    due = Delivery.objects.filter(state__in=PENDING, next_try_at__lte=now).order_by("next_try_at")
    return len(due.values_list("pk")[:by]) == by


def begin(*, delivery: Delivery, now: datetime) -> bool:
    """Counts a try and renews the lease right before sending. False when the claim was lost.

    Counted before and not after, so that a mail which kills its worker does not do so for ever.
    """
    if not ours(delivery).update(tries=F("tries") + 1, next_try_at=now + _lease()):
        return False
    delivery.tries += 1
    return True


def put_back(*, deliveries: Iterable[Delivery], at: datetime, because: str = "") -> int:
    """Gives up claims without having tried: due again at ``at``, the tries not counted."""
    fields = {"last_error": because[:2000]} if because else {}
    rows = list(deliveries)
    if not rows:
        return 0
    return Delivery.objects.filter(
        pk__in=[row.pk for row in rows], claim=rows[0].claim, state=State.SENDING
    ).update(state=State.WAITING, claim=None, next_try_at=at, **fields)


def ours(delivery: Delivery) -> "QuerySet[Delivery]":
    """The row, if the claim on it still is the one we took."""
    return Delivery.objects.filter(pk=delivery.pk, claim=delivery.claim, state=State.SENDING)


def _claimed(keys: list[int], token: uuid.UUID) -> list[Delivery]:
    mine = Delivery.objects.filter(pk__in=keys, claim=token, state=State.SENDING)
    found = {
        row.pk: row
        for row in mine.select_related("mail").prefetch_related(
            "mail__deliveries", "mail__enclosures"
        )
    }
    return [found[pk] for pk in keys if pk in found]
