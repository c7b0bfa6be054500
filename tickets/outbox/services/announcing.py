"""Telling the owner of a mail that it left or died: once, and never at the price of the mail."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F

from tickets.outbox import signals
from tickets.outbox.models import OutgoingMail

logger = structlog.get_logger(__name__)
State = OutgoingMail.State


def telling(change: Callable[[bool], bool], mail: OutgoingMail) -> bool:
    """Runs ``change(True)``, which tells the owners, in one transaction with their own changes.

    When an owner fails, all of it is undone and ``change(False)`` writes down what is true of the
    mail alone; ``announce_pending`` tries the owner again. A mail that was sent is never sent a
    second time because somebody who heard of it failed.
    """
    try:
        with transaction.atomic():
            return change(True)
    except Exception:
        logger.exception("mail_owner_failed", mail=mail.pk)
    with transaction.atomic():
        return change(False)


def lock_owners(mail: OutgoingMail) -> None:
    """The owners' rows come first in every transaction that may tell them."""
    signals.locking.send(sender=OutgoingMail, mail=mail)


def end(
    mail: OutgoingMail, state: State, *, among: Iterable[State], now: datetime, tell: bool
) -> bool:
    """The mail becomes SENT or DEAD, if it still is ``among``; its owner is told, now or later.

    What it says of an account is kept no longer than it takes to send it.
    """
    fields: dict[str, Any] = {"state": state}
    if state == State.SENT:
        fields["sent_at"] = now
    if mail.purpose == OutgoingMail.Purpose.ACCOUNT:
        fields |= {"text": "", "html": ""}
    fields |= (
        {"announced_at": now, "announce_at": None}
        if tell
        else {"announced_at": None, "announce_at": now + _delay(0), "announce_tries": 1}
    )
    if not OutgoingMail.objects.filter(pk=mail.pk, state__in=list(among)).update(**fields):
        return False
    for name, value in fields.items():
        setattr(mail, name, value)
    if tell:
        _tell(mail, now)
    return True


def announce_pending(*, now: datetime, limit: int = 50) -> int:
    """Tells owners what they could not be told before; returns how many were told.

    One that fails again waits longer each time, so it never stands before the others.
    """
    due = OutgoingMail.objects.filter(announce_at__lte=now).order_by("announce_at", "pk")
    return sum(_announce(mail, now) for mail in list(due[:limit]))


def _announce(mail: OutgoingMail, now: datetime) -> bool:
    def change(tell: bool) -> bool:
        pending = OutgoingMail.objects.filter(pk=mail.pk, announce_at=mail.announce_at)
        if not tell:
            pending.update(
                announce_at=now + _delay(mail.announce_tries),
                announce_tries=F("announce_tries") + 1,
            )
            return False
        lock_owners(mail)
        if not pending.update(announced_at=now, announce_at=None):
            return False
        _tell(mail, now)
        return True

    return telling(change, mail)


def _tell(mail: OutgoingMail, now: datetime) -> None:
    if mail.state == State.SENT:
        signals.left.send(sender=OutgoingMail, mail=mail, at=mail.sent_at, now=now)
    else:
        signals.dead.send(sender=OutgoingMail, mail=mail, now=now)


def _delay(tries: int) -> timedelta:
    """One minute, then twice as long each time, at most an hour."""
    return timedelta(minutes=min(2 ** min(tries, 6), 60))
