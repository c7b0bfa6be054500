"""Who wants mail of incidents: asks, confirms, leaves, and is lost where no mail arrives any more."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from escalation.incidents import tokens
from escalation.incidents.models import Notification, Subscriber
from escalation.incidents.services import letters
from tickets.errors import Invalid
from tickets.outbox import checking
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail

# An address that is typed in again and again is mailed after one hour, two, four …, at most five days.
FIRST_WAIT, MOST_DOUBLINGS = timedelta(hours=1), 7
FORGOTTEN = timedelta(days=30)


@transaction.atomic
def ask(*, email: str, now: datetime) -> None:
    """Mails ``email`` a link to confirm with, or that it is known already; too soon after the last
    such mail nothing. Who asks cannot tell which. Raises Invalid for what is no address."""
    try:
        email = checking.of_somebody(email.strip().lower())
    except checking.BadMail as refusal:
        raise Invalid(refusal.message, "email") from None
    row, is_new = Subscriber.objects.get_or_create(email=email, defaults={"asked_at": now})
    if is_new or _is_turn_of(row, now):
        known = row.confirmed_at is not None
        letter = letters.known_already(row) if known else letters.to_confirm(row, now)
        outbox.queue_many([letter], now=now)


def _is_turn_of(row: Subscriber, now: datetime) -> bool:
    """Whether it may be mailed again; of two who ask at one moment only the first is heard."""
    wait = FIRST_WAIT * 2 ** min(row.asked - 1, MOST_DOUBLINGS)
    if now < row.asked_at + wait:
        return False
    still = Subscriber.objects.filter(pk=row.pk, asked_at=row.asked_at)
    return bool(still.update(asked_at=now, asked=F("asked") + 1))


def confirm(*, token: str, now: datetime) -> Subscriber | None:
    """From now on mailed; a second time changes nothing. None where the link is not good any more."""
    key = tokens.who_confirms(token, now)
    row = Subscriber.objects.filter(key=key).first() if key else None
    if row is not None:
        Subscriber.objects.filter(pk=row.pk, confirmed_at=None).update(confirmed_at=now, asked=1)
    return row


def leave(*, token: str) -> bool:
    """Forgets the address, with all that was sent to it or still waits; also where it was done before.

    False where the link is none of ours.
    """
    key = tokens.who_leaves(token)
    if key is None:
        return False
    _forget(Subscriber.objects.filter(key=key))
    return True


@transaction.atomic
def lose(*, mail: OutgoingMail, now: datetime, came_back: bool = False) -> None:
    """News that could not be delivered at all. Whose address takes no mail, as their server said at
    once or by a mail that ``came_back``, has to confirm anew; where it was our mail server or theirs
    that failed, they are told of the next update."""
    rows = Notification.objects.filter(mail=mail)
    lost = list(rows.values_list("subscriber", flat=True))
    if not lost:
        return
    tried = list(mail.deliveries.order_by("pk"))  # what was read before is from before the last try
    is_gone = came_back or any(outbox.is_no_address(each) for each in tried)
    why = next((each.last_error for each in tried if each.last_error), "")
    because = (
        "no mail arrives there" if is_gone else f"the mail could not be delivered: {why}"[:300]
    )
    rows.update(state=Notification.State.NOT_TOLD, settled_at=now, because=because)
    if not is_gone:
        return
    Subscriber.objects.filter(pk__in=lost).update(confirmed_at=None, asked_at=now)


def forget_abandoned(now: datetime) -> int:
    """Forgets addresses that nobody confirmed; returns how many."""
    return _forget(Subscriber.objects.abandoned(now, FORGOTTEN))


@transaction.atomic
def _forget(people: QuerySet[Subscriber]) -> int:
    """The rows and every mail to them, also what has not left yet: it leaves no more."""
    emails = dict(people.values_list("pk", "email"))
    _, rows = Subscriber.objects.filter(pk__in=emails).delete()
    mails = OutgoingMail.objects.filter(purpose=OutgoingMail.Purpose.NOTICE)
    mails.filter(deliveries__email__in=emails.values()).delete()
    return rows.get(Subscriber._meta.label, 0)
