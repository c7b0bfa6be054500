"""The pipe from a mail server: one mail on standard input."""

import os
import sys
from datetime import UTC, datetime
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from tickets.errors import Invalid
from tickets.inbound import services
from tickets.inbound.models import RawMail

log = structlog.get_logger(__name__)
EX_DATAERR, EX_TEMPFAIL = os.EX_DATAERR, os.EX_TEMPFAIL


class Command(BaseCommand):
    help = (
        "Reads one mail from standard input. Ends with 0 once its bytes are safe, with 65 when it "
        "is too large to be taken, and with 75 otherwise, so that the mail server tries again."
    )
    # Nothing may stand between the bytes and the database.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--received-at",
            help="When the mail server took it, such as 2026-03-03T14:00:00Z; otherwise now.",
        )
        parser.add_argument("--source", default="pipe", help="Where it came from, for the record.")

    def handle(self, *args: Any, **options: Any) -> None:
        raw_mail = self._store(options["received_at"], options["source"])
        now = timezone.now()
        if not raw_mail.is_due(now):
            return  # handed in again: dealt with, being read elsewhere, or for a later try
        try:
            services.process(raw_mail, now)
        except Exception:  # the bytes are safe, and the next sweep takes them up
            log.exception("A stored mail waits for the sweep", raw_mail=raw_mail.pk)

    def _store(self, received_at: str | None, source: str) -> RawMail:
        try:
            raw = sys.stdin.buffer.read(services.LARGEST + 1)
            now = timezone.now()
            at = min(_instant(received_at), now) if received_at else now
            return services.store(raw, at, source)
        except Invalid as refusal:
            code = EX_DATAERR if refusal.field == "raw" else EX_TEMPFAIL
            raise CommandError(refusal.message, returncode=code) from refusal
        except Exception as problem:
            raise CommandError(f"Not stored: {problem}", returncode=EX_TEMPFAIL) from problem


def _instant(text: str) -> datetime:
    """Raises Invalid for what is no instant, or has no zone and so could be any."""
    wrong = f"«{text[:40]}» is not an instant such as 2026-03-03T14:00:00Z."
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(wrong, "received_at") from None
    if at.tzinfo is None:
        raise Invalid(wrong, "received_at")
    return at.astimezone(UTC)
