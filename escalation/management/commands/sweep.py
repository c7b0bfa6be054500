"""Runs the timers' pass without a broker: once, or again and again."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from escalation.incidents.tasks import forget, judge, spread
from escalation.tasks import hear_rates, sweep_until_idle
from tickets.outbox.tasks import deliver_due
from tickets.routing.tasks import try_again
from tickets.telling.tasks import forget_old, tell_by_mail


class Command(BaseCommand):
    help = (
        "Acts on every deadline that is due, and delivers the mail that is due. With --loop it "
        "goes on until Ctrl-C or SIGTERM; several may run beside each other and beside Celery."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--loop", action="store_true", help="Sweep again and again.")
        parser.add_argument("--every", type=float, default=1.0, help="Seconds between passes.")
        parser.add_argument("--no-mail", action="store_true", help="Leave the outbox alone.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0.05 <= options["every"] <= 3600:
            raise CommandError("--every lies between 0.05 and 3600 seconds.")
        stop = threading.Event()
        if options["loop"]:
            signal.signal(signal.SIGTERM, lambda *_: stop.set())
            signal.signal(signal.SIGINT, lambda *_: stop.set())
        while True:
            batches = sweep_until_idle()
            hear_rates(longest=0)  # a batch a pass: deadlines do not wait for it
            try_again()
            judge()
            while spread() and not options["loop"] and not options["no_mail"]:
                deliver_due()  # what it wrote, so that there is room for the next
            tell_by_mail()
            forget_old()
            forget()
            if not options["no_mail"]:
                deliver_due()
            if options["verbosity"] > 1 or not options["loop"]:
                self.stdout.write(f"Swept; {batches} batches of due tickets.")
            if not options["loop"] or stop.wait(options["every"]):
                return
