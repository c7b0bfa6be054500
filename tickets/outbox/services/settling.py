"""Writing down how a delivery ended; only the claim that sent it may."""

import re
from datetime import datetime, timedelta

from tickets.outbox.models import Delivery, OutgoingMail
from tickets.outbox.services.announcing import end, lock_owners, telling
from tickets.outbox.services.claiming import ours

# Minutes until the next try; after the last one the delivery is given up: a day in all.
DELAYS = (1, 3, 9, 27, 81, 240, 360, 360, 360)
MOST_TRIES = len(DELAYS) + 1
MAX_ERROR = 2000
State = OutgoingMail.State
_REFUSED = re.compile(r"(?P<code>5\d\d)(?: 5\.(?P<about>\d+)\.)?")
_NOT_THERE = {"550", "551", "553", "556"}


def settle_sent(*, delivery: Delivery, now: datetime) -> bool:
    """The server took it. False when the claim was lost in the meantime.

    The first accepted recipient makes the mail SENT and tells its owner (``left``).
    """
    decides = delivery in deciding(delivery.mail)

    def change(tell: bool) -> bool:
        if decides:
            _lock(delivery.mail, tell)
        if not ours(delivery).update(
            state=Delivery.State.SENT, sent_at=now, claim=None, next_try_at=None, last_error=""
        ):
            return False
        if decides:
            # DEAD too: a recipient may be given up at the very moment another one is resent.
            among = [State.RELEASED, State.DEAD]
            end(delivery.mail, State.SENT, among=among, now=now, tell=tell)
        return True

    return telling(change, delivery.mail)


def settle_failed(*, delivery: Delivery, now: datetime, error: str, permanent: bool) -> bool:
    """The server refused or was not there: later again, or given up. False when the claim was lost.

    When nobody who decides can be reached any more the mail is DEAD and its owner told (``dead``).
    """
    last_error = error.replace("\x00", "")[:MAX_ERROR]
    tries = max(delivery.tries, 1)
    if not permanent and tries < MOST_TRIES:
        wait = timedelta(minutes=DELAYS[tries - 1])
        again = {"state": Delivery.State.WAITING, "next_try_at": now + wait}
        return bool(ours(delivery).update(claim=None, last_error=last_error, **again))

    def change(tell: bool) -> bool:
        _lock(delivery.mail, tell)
        if not ours(delivery).update(
            state=Delivery.State.DEAD, claim=None, next_try_at=None, last_error=last_error
        ):
            return False
        if _nobody_left(delivery.mail):
            end(delivery.mail, State.DEAD, among=[State.RELEASED], now=now, tell=tell)
        return True

    return telling(change, delivery.mail)


def deciding(mail: OutgoingMail) -> list[Delivery]:
    """Those whose fate is the mail's: the ``to`` recipients; without one, everybody."""
    everyone = list(mail.deliveries.all())
    return [row for row in everyone if row.kind == Delivery.Kind.TO] or everyone


def is_no_address(delivery: Delivery) -> bool:
    """Whether it was given up because its recipient takes no mail: a 5xx for them, at once.

    Not where a server was missing or would not have us, however often it was tried. Of the enhanced
    numbers those of the address and of the mailbox count (RFC 3463: 5.1.x and 5.2.x): the others are
    about networks, contents and policies, as when our own relay is set up wrong.
    """
    if delivery.state != Delivery.State.DEAD or delivery.tries >= MOST_TRIES:
        return False
    said = _REFUSED.match(delivery.last_error)
    if said is None or "relay" in delivery.last_error.lower():
        return False
    return said["code"] in _NOT_THERE if said["about"] is None else said["about"] in "12"


def _lock(mail: OutgoingMail, tell: bool) -> None:
    """The owners, then the mail, before its deliveries.

    Of two recipients given up at once, the second one sees the first.
    """
    if tell:
        lock_owners(mail)
    list(OutgoingMail.objects.select_for_update().filter(pk=mail.pk).values_list("pk"))


def _nobody_left(mail: OutgoingMail) -> bool:
    keys = [row.pk for row in deciding(mail)]
    still = Delivery.objects.filter(pk__in=keys).exclude(state=Delivery.State.DEAD)
    return not still.exists()
