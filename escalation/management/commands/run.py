"""Runs web, worker and timers in one process, without seeding anything."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from escalation.inprocess import serve


class Command(BaseCommand):
    help = "Migrates, then runs web, worker and timers in one process until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        self.stdout.write(f"http://{options['host']}:{options['port']}/  (Ctrl-C stops)")
        serve(options["host"], options["port"])
        self.stdout.write("Stopped.")
