"""The ticks of what people are told: by mail what they have not read, and away with what is old."""

import time

from celery import shared_task
from django.utils import timezone

from tickets.telling import mailing, services

# Nothing of it is due to the second, and it must not keep a worker from what is.
LONGEST = 5.0


@shared_task(ignore_result=True)
def tell_by_mail(longest: float = LONGEST) -> int:
    """Returns how many people there was something for."""
    started, told = time.monotonic(), 0
    while mailing.mail_next(timezone.now()):
        told += 1
        if time.monotonic() - started >= longest:
            break
    return told


@shared_task(ignore_result=True)
def forget_old() -> int:
    """A batch a pass; the next one goes on."""
    return services.forget(now=timezone.now())
