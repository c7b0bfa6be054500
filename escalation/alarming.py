"""Telling the administrators by mail that mail stands still or could not be used."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from escalation import pulse
from escalation.models import Pulse
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.people.models import User

LOOKED, TOLD = "alarm looked", "alarm told"
LOOKS_EVERY, TELLS_EVERY = timedelta(minutes=1), timedelta(hours=1)
# Nobody looked for longer than this: we were asleep, and what stands still is what we catch up on.
ASLEEP = timedelta(minutes=5)


def tell_admins(now: datetime) -> bool:
    """Looks once a minute; tells them at most once an hour, however many sweeps run.

    The first look after a start or a sleep tells nothing: the next one sees what is left by then.
    """
    last = Pulse.objects.filter(name=LOOKED).values_list("at", flat=True).first()
    if not _turn(LOOKED, LOOKS_EVERY, now) or last is None or now - last > ASLEEP:
        return False
    found = pulse.read(now).warnings
    if not found:
        return False
    admins = User.objects.filter(Q(is_superuser=True) | Q(role=User.Role.ADMIN), is_active=True)
    people = outbox.reachable((each.email, each.name) for each in admins.order_by("pk"))
    with transaction.atomic():
        if not people or not _turn(TOLD, TELLS_EVERY, now):
            return False
        outbox.queue(
            purpose=OutgoingMail.Purpose.ALERT,
            recipients=people[:50],
            subject=pulse.ALARM,
            text="\n".join([*found, "", f"Open the admin: {settings.BASE_URL}/admin/"]),
            now=now,
            headers={"Auto-Submitted": "auto-generated"},
        )
    return True


def _turn(name: str, every: timedelta, now: datetime) -> bool:
    """Whether this is the one whose turn it is: a conditional update has one winner."""
    fields = {"at": now, "took": timedelta(0)}
    if Pulse.objects.filter(name=name, at__lte=now - every).update(**fields):
        return True
    return Pulse.objects.get_or_create(name=name, defaults=fields)[1]
