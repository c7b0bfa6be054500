"""Runs web, worker and timers in one process, without seeding anything."""

import os
import socket
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from escalation.inprocess import listen, serve
from escalation.upgrading import bring_up_to_date

USUAL = 8000


def at(host: str, port: int) -> socket.socket:
    """The port, taken; links in mails lead to it unless BASE_URL says otherwise."""
    try:
        listener = listen(host, port)
    except OSError as problem:
        raise CommandError(str(problem)) from problem
    if "BASE_URL" not in os.environ:
        settings.BASE_URL = f"http://{host}:{port}"
    return listener


def for_others(port: int) -> str:
    """What commands beside this process need, so that their links lead here as well; often nothing."""
    if "BASE_URL" in os.environ or port == USUAL:
        return ""
    return f"  For commands beside it, such as receive_mail:  export BASE_URL={settings.BASE_URL}\n"


class Command(BaseCommand):
    help = "Migrates, then runs web, worker and timers in one process until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=USUAL)

    def handle(self, *args: Any, **options: Any) -> None:
        listener = at(options["host"], options["port"])
        bring_up_to_date()
        self.stdout.write(f"{settings.BASE_URL}/  (Ctrl-C stops)")
        self.stdout.write(for_others(options["port"]), ending="")
        serve(listener)
        self.stdout.write("Stopped.")
