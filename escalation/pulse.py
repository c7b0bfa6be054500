"""The system's own pulse: how old the last sweep is, and what is overdue although it swept.

Mail that stands still is a warning: the desk works on, but customers and staff are not reached.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min, Q

from escalation import loading
from escalation.models import Clock, Escalation, Pulse
from tickets.inbound.models import RawMail
from tickets.models import Ticket
from tickets.outbox.models import Delivery, OutgoingMail
from tickets.telling.models import Notification

SWEEP = "sweep"
STALE = timedelta(seconds=60)
STUCK = timedelta(minutes=5)
# A mail that was tried has been answered: greylisting and full mailboxes pass within this time.
REFUSED = timedelta(hours=1)
# Who has not read it is mailed after minutes; failing, first after a quarter of an hour more.
UNTOLD = timedelta(hours=2)
ALARM = "The helpdesk needs an administrator"


@dataclass(frozen=True, slots=True)
class Reading:
    """``age`` None: nothing has swept yet. ``overdue`` is how long the oldest due row waits.

    ``unsent`` is how long the oldest mail that may leave has not left, ``unread`` how long the
    oldest mail that came in waits; ``dead`` mails reached nobody, ``unusable`` ones need a person,
    ``aside`` are tickets that should be back and fail again and again.
    ``untold`` people should long have had a mail of what they have not read on the desk.
    ``lost`` is what of the configuration had to be replaced, in words.
    """

    age: timedelta | None
    overdue: timedelta
    parked: int
    unsent: timedelta = timedelta(0)
    unread: timedelta = timedelta(0)
    dead: int = 0
    unusable: int = 0
    aside: int = 0
    untold: int = 0
    lost: Sequence[str] = ()

    @property
    def problems(self) -> list[str]:
        """What is wrong, in words; empty when all is well."""
        found = []
        if self.age is None:
            found.append("No sweep has run yet: deadlines are not watched.")
        elif self.age > STALE:
            found.append(f"Deadlines were last checked {_span(self.age)} ago.")
        if self.overdue > STALE:
            found.append(f"A step has been due for {_span(self.overdue)} and was not taken.")
        return found

    @property
    def warnings(self) -> list[str]:
        """What somebody has to see to although deadlines are kept."""
        found = []
        if self.parked:
            one = self.parked == 1
            what = "1 clock or escalation" if one else f"{self.parked} clocks or escalations"
            found.append(f"{what} failed again and again and was set aside; an admin has to look.")
        if self.unsent > STUCK:
            found.append(f"Mail that should have left {_span(self.unsent)} ago has not left.")
        if self.unread > STUCK:
            found.append(f"Mail that came in {_span(self.unread)} ago has not been read.")
        if self.unusable:
            what = "1 mail" if self.unusable == 1 else f"{self.unusable} mails"
            found.append(f"{what} that came in could not be used; an admin has to look.")
        if self.aside:
            what = "1 ticket" if self.aside == 1 else f"{self.aside} tickets"
            found.append(f"{what} put aside failed to come back by itself; an admin has to look.")
        if self.untold:
            who = "1 person" if self.untold == 1 else f"{self.untold} people"
            found.append(
                f"{who} could not be mailed what they have not read; an admin has to look."
            )
        return [*found, *self.lost]


def beat(*, at: datetime, took: timedelta, acted: int) -> None:
    """Writes down that a sweep has run."""
    fields = {"at": at, "took": took, "acted": acted}
    if not Pulse.objects.filter(name=SWEEP).update(**fields):
        Pulse.objects.update_or_create(name=SWEEP, defaults=fields)


def read(now: datetime) -> Reading:
    last = Pulse.objects.filter(name=SWEEP).values_list("at", flat=True).first()
    due = Q(next_step_at__lte=now)
    oldest = [
        model.objects.filter(due).aggregate(at=Min("next_step_at"))["at"]
        for model in (Clock, Escalation)
    ]
    untried = Ticket.objects.filter(comes_back_at__lte=now, comes_back_retry_at=None)
    oldest.append(untried.aggregate(at=Min("comes_back_at"))["at"])
    since = min((at for at in oldest if at), default=now)
    parked = sum(
        model.objects.filter(parked_at__isnull=False).count() for model in (Clock, Escalation)
    )
    return Reading(
        age=None if last is None else max(timedelta(0), now - last),
        overdue=max(timedelta(0), now - since),
        parked=parked,
        unsent=_since(_oldest_unsent(now), now),
        unread=_since(_oldest_unread(now), now),
        dead=OutgoingMail.objects.filter(state=OutgoingMail.State.DEAD).count(),
        unusable=RawMail.objects.filter(state=RawMail.State.PARKED).count(),
        aside=Ticket.objects.filter(
            comes_back_at__lte=now - STUCK, comes_back_retry_at__isnull=False
        ).count(),
        untold=Notification.objects.overdue(
            now - settings.NOTIFY_BY_MAIL_AFTER - UNTOLD, now
        ).aggregate(people=Count("person", distinct=True))["people"],
        lost=loading.current().lost,
    )


def _oldest_unsent(now: datetime) -> datetime | None:
    """Held past its release, never tried, or refused for so long that waiting helps no more.

    An alarm that does not arrive is no cause for the next one.
    """
    held = OutgoingMail.objects.filter(state=OutgoingMail.State.HELD, release_at__lte=now)
    waiting = Delivery.objects.filter(
        Q(tries=0) | Q(mail__released_at__lte=now - REFUSED),
        state__in=[Delivery.State.WAITING, Delivery.State.SENDING],
        next_try_at__isnull=False,
    ).exclude(mail__subject=ALARM)
    found = [
        held.aggregate(at=Min("release_at"))["at"],
        waiting.aggregate(at=Min("mail__released_at"))["at"],
    ]
    return min((at for at in found if at), default=None)


def _oldest_unread(now: datetime) -> datetime | None:
    waiting = RawMail.objects.filter(state__in=RawMail.WAITING, received_at__lte=now)
    found: datetime | None = waiting.aggregate(at=Min("received_at"))["at"]
    return found


def _since(at: datetime | None, now: datetime) -> timedelta:
    return max(timedelta(0), now - at) if at else timedelta(0)


def _span(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
