"""One command to see the whole product: seeds Northlight, then runs web, worker and timers."""

import random
import socket
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone

from escalation.defaults import install_defaults
from escalation.demo import filling
from escalation.demo.giving import set_budgets
from escalation.demo.history import AT_WORK, History, draw
from escalation.demo.leading import put_aside, share_out
from escalation.demo.mailbox import in_the_past
from escalation.demo.news import catch_up
from escalation.demo.outages import break_down
from escalation.demo.people import PASSWORD, found, recall
from escalation.demo.promises import open_office, promise
from escalation.incidents.defaults import install_defaults as install_severities
from escalation.inprocess import serve
from escalation.management.commands.run import USUAL, at, for_others
from escalation.upgrading import bring_up_to_date
from kb.defaults import install_defaults as install_knowledge
from tickets.models import Ticket
from tickets.outbox.turns import turn
from tickets.people.models import User

# The desk opens with one of so many tickets; the others come in while you look.
FIRST = 6
LOGINS = (("agent", "ana"), ("supervisor", "sue"), ("executive", "eve"), ("admin", "admin"))


class Command(BaseCommand):
    told = 0
    help = (
        "Migrates, seeds a believable company once, and runs web, worker and timers in one "
        "process until Ctrl-C. Started again it keeps its data. Mail is written to files."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=USUAL)
        parser.add_argument("--tickets", type=int, default=300)
        parser.add_argument("--seed-only", action="store_true", help="Stop after seeding.")

    def handle(self, *args: Any, **options: Any) -> None:
        with turn(settings.DATA_DIR / "demo.lock") as is_ours:
            if not is_ours:
                raise CommandError(
                    f"Another demonstration is at work on {settings.DATA_DIR}. Stop it first, or set "
                    "DATA_DIR to another folder."
                )
            self._demonstrate(options)

    def _demonstrate(self, options: dict[str, Any]) -> None:
        started = time.monotonic()
        listener = None if options["seed_only"] else at(options["host"], options["port"])
        self._write_mail_to_files()
        self.stdout.write("Preparing the database …")
        bring_up_to_date()
        if User.objects.exists():
            self._check_it_is_the_demo()
        else:
            self._seed(options["tickets"])
        if listener is None:
            filling.fill(recall(), self._filled)
            return
        self._greet(time.monotonic() - started)
        self.stdout.write(for_others(options["port"]), ending="")
        self._serve(listener)
        self.stdout.write("Stopped; the data stays. Run the same command to go on.")

    def _serve(self, listener: socket.socket) -> None:
        """The desk is open while the rest of the history is filled in."""
        rest = filling.Filling(recall(), self._filled) if filling.missing() else None
        if rest:
            rest.start()
        try:
            serve(listener)
        finally:
            if rest:
                rest.stop()

    def _filled(self, left: int) -> None:
        if not left:
            self.stdout.write(f"Seeded {Ticket.objects.count()} tickets.")
        elif left % 50 == 0:
            self.stdout.write(f"{left} tickets are still to come …")

    def _write_mail_to_files(self) -> None:
        """A demonstration never mails anybody, whatever the environment says."""
        settings.EMAIL_BACKEND = "escalation.demo.mailbox.Mailbox"
        settings.EMAIL_FILE_PATH = self._sent_mail()

    @staticmethod
    def _sent_mail() -> Path:
        path: Path = settings.DATA_DIR / "sent-mail"
        return path

    def _check_it_is_the_demo(self) -> None:
        if not User.objects.filter(email="ana@northlight.example").exists():
            raise CommandError(
                "This database belongs to a real installation: the demo keeps away from it. "
                "Use `manage.py run`, or set DATA_DIR to an empty folder."
            )

    def _seed(self, count: int) -> None:
        now = timezone.now()
        dice = random.Random(7)
        first = count // FIRST
        self.stdout.write("Founding Northlight: 3 teams, 12 people, 40 customers …")
        with transaction.atomic(), in_the_past():
            company = found(now, dice)
            share_out(company, now)
            open_office(now)
            install_defaults(now=now)
            install_severities()
            promise(now)
            install_knowledge(now=now)
            set_budgets(company, now)
            History(company, now, dice).play(draw(dice, AT_WORK, first), self._progress)
            break_down(company, now)
            put_aside(now)
            catch_up(now)
            filling.plan(count - first, now)
        self.stdout.write(f"\r{first} tickets are at work, {count - first} more are on their way.")

    def _progress(self, done: int, of: int) -> None:
        if done % 10 == 0 and done != self.told:
            self.told = done
            self.stdout.write(f"\rLiving through ten days: ticket {done} of {of} …", ending="")
            self.stdout.flush()

    def _greet(self, seconds: float) -> None:
        self.stdout.write(f"\nReady after {seconds:.1f} s:  {settings.BASE_URL}/\n")
        for role, username in LOGINS:
            self.stdout.write(f"  {role:<11} {username:<6} password {PASSWORD}")
        self.stdout.write(f"  Sent mail lies in {self._sent_mail()}. Ctrl-C stops.\n")
