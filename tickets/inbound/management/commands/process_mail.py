"""One pass over waiting mail without a broker, for cron or by hand."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from tickets.inbound import services


class Command(BaseCommand):
    help = "Takes up mail that waits or failed before and is due again."

    def handle(self, *args: Any, **options: Any) -> None:
        taken_up = services.process_waiting(timezone.now(), clock=timezone.now)
        self.stdout.write(f"{taken_up} taken up")
