"""The tick of incoming mail: what waited too long or failed is taken up again."""

from celery import shared_task
from django.utils import timezone

from tickets.inbound import services


@shared_task(ignore_result=True)
def process_waiting() -> None:
    services.process_waiting(timezone.now())
