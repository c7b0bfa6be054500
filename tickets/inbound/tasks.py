"""The tick of incoming mail: what waited too long or failed is taken up again."""

from celery import shared_task
from django.utils import timezone

from tickets.inbound import services


# The soft limit is a failure of the one mail being read; the hard one ends a worker that is stuck.
@shared_task(ignore_result=True, soft_time_limit=60, time_limit=90)
def process_waiting() -> None:
    services.process_waiting(timezone.now(), clock=timezone.now)
