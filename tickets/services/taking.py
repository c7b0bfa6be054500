"""Lists taken along: one at a time, so many an hour, and each written down."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import localtime

from tickets.errors import Conflict
from tickets.models import TakenList
from tickets.people.models import User

AN_HOUR = 20
# After so long one that never ended has been broken off.
LONGEST = timedelta(minutes=2)


def begin(*, user: User, query: str, now: datetime) -> TakenList:
    """Writes down that ``user`` takes a list. Raises Conflict, in words, where it is one too many."""
    with transaction.atomic():
        # Their row is held, so that two clicks at once are counted one after the other.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        taken = TakenList.objects.filter(user=user)
        if taken.filter(ended_at=None, taken_at__gt=now - LONGEST).exists():
            raise Conflict("Another list of yours is on its way; take this one when it has come.")
        hour = taken.filter(taken_at__gt=now - timedelta(hours=1)).order_by("taken_at")
        instants = list(hour.values_list("taken_at", flat=True))
        if len(instants) >= AN_HOUR:
            again = localtime(instants[-AN_HOUR] + timedelta(hours=1))
            raise Conflict(
                f"You have taken {AN_HOUR} lists within an hour, which is the most. "
                f"The next one from {again:%H:%M} on."
            )
        return TakenList.objects.create(user=user, query=query[:1000], taken_at=now)


def end(*, taken: TakenList, rows: int, now: datetime) -> None:
    """It came, or was broken off, with so many rows."""
    TakenList.objects.filter(pk=taken.pk).update(rows=rows, ended_at=now)
