"""The tick of the outbox."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from tickets.outbox import services
from tickets.outbox.turns import turn


@shared_task(ignore_result=True)
def deliver_due() -> None:
    with turn(settings.DATA_DIR / "outbox.lock") as is_ours:
        if is_ours:
            services.deliver_due(timezone.now(), clock=timezone.now)
