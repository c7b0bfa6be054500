"""Giving a dead mail another chance, when a person says so."""

from datetime import datetime

from django.db import transaction

from tickets.outbox.models import Delivery, OutgoingMail
from tickets.outbox.services.settling import deciding

State = OutgoingMail.State


def resend(*, mail: OutgoingMail, now: datetime) -> int:
    """Tries the given-up recipients again, from the first delay on; returns how many.

    Those who have it do not get it twice, and the Message-ID stays. A mail about an account has
    nothing more to say; its reader asks for a new one.
    """
    if mail.purpose == OutgoingMail.Purpose.ACCOUNT:
        return 0
    with transaction.atomic():
        mail = OutgoingMail.objects.select_for_update().get(pk=mail.pk)
        decides = {row.pk for row in deciding(mail)}
        dead = Delivery.objects.filter(mail=mail, state=Delivery.State.DEAD)
        revived = set(dead.values_list("pk", flat=True))
        again = dead.filter(pk__in=revived).update(
            state=Delivery.State.WAITING, next_try_at=now, tries=0, claim=None
        )
        if revived & decides:
            OutgoingMail.objects.filter(pk=mail.pk, state=State.DEAD).update(
                state=State.RELEASED, announced_at=None, announce_at=None, announce_tries=0
            )
        return again
