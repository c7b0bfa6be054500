"""The tick of routing."""

from celery import shared_task
from django.utils import timezone

from tickets.routing import services


@shared_task(ignore_result=True)
def try_again() -> int:
    return services.try_again(timezone.now())
