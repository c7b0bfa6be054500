"""One pass of the outbox without a broker, for cron or by hand."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from tickets.outbox import services


class Command(BaseCommand):
    help = "Releases what has been held long enough and sends what is due."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{services.deliver_due(timezone.now(), clock=timezone.now)} sent")
