"""A company at work: mail comes in by the pipe, time passes by the command, people use pages."""

import io
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from escalation.defaults import install_defaults
from kb.defaults import install_defaults as install_knowledge
from tests.inbound.conftest import written
from tests.outbox.conftest import PostOffice, post
from tickets.models import Ticket
from tickets.people.models import Order, User

__all__ = ["post"]

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PASSWORD = "a-long-secret"


class Company:
    """The doors of the product, each used at an instant that the test says."""

    def __init__(self, office: PostOffice, stdin: Callable[[bytes], None]) -> None:
        self.office, self._stdin, self._seen = office, stdin, 0

    def receives(self, raw: bytes, at: datetime) -> Ticket:
        """A mail that arrives through the pipe; the ticket it opened."""
        self._stdin(raw)
        with time_machine.travel(at, tick=False):
            call_command("receive_mail")
        return Ticket.objects.latest("pk")

    def sweeps(self, at: datetime) -> list[tuple[str, str]]:
        """One pass of the timers and the outbox; who was sent what by it."""
        with time_machine.travel(at, tick=False):
            call_command("sweep", stdout=io.StringIO())
        return self.sent()

    def sent(self) -> list[tuple[str, str]]:
        """Recipient and subject of what the mail server took since this was last asked."""
        fresh, self._seen = self._seen, len(self.office.taken)
        mails = zip(self.office.taken, self.office.mails(), strict=True)
        told = [(envelope.rcpt_tos[0], str(mail["Subject"])) for envelope, mail in mails]
        return sorted(told[fresh:])

    def gets(self, person: User, path: str, at: datetime) -> Any:
        with time_machine.travel(at, tick=False):
            return self.browser(person).get(path)

    def posts(self, person: User, path: str, at: datetime, **said: Any) -> Any:
        """A form of the desk, sent off; it has to be taken."""
        with time_machine.travel(at, tick=False):
            answer = self.browser(person).post(path, said)
        assert answer.status_code == 302, answer.content.decode()
        return answer

    @staticmethod
    def browser(person: User) -> Client:
        client = Client()
        client.force_login(person)
        return client


@pytest.fixture
def company(
    cast: SimpleNamespace,
    now: datetime,
    post: PostOffice,
    monkeypatch: pytest.MonkeyPatch,
    settings: SimpleNamespace,
    tmp_path: Path,
) -> Company:
    """The cast with all defaults, two orders of Carla's, and a mail server on loopback."""
    settings.MEDIA_ROOT = settings.DATA_DIR = tmp_path
    install_defaults(now=now - DAY)
    install_knowledge(now=now - DAY)
    for number, amount in (("A-1001", "500.01"), ("A-1002", "500.00")):
        Order.objects.create(
            number=number, contact=cast.carla, amount=Decimal(amount), placed_at=now
        )

    def stdin(raw: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))

    return Company(post, stdin)


@pytest.fixture
def ticket(company: Company, cast: SimpleNamespace, now: datetime) -> Ticket:
    """Carla's question, acknowledged, and Ana's since she took it: due in 24 hours."""
    opened = company.receives(written(), now)
    company.sweeps(now)
    company.posts(cast.ana, f"/tickets/{opened.reference}/take/", now)
    return opened
