"""A real mail server on loopback that does as it is told, and short ways to put mail in."""

import asyncio
import email
import email.policy
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from email.message import EmailMessage
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connection, connections

from tickets.outbox import services, signals
from tickets.outbox.models import Delivery, OutgoingMail


class PostOffice:
    """Takes what it is not told to refuse; remembers every envelope and every connection."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.connections = 0
        self.refused_recipients: dict[str, str] = {}
        self.refused_senders: dict[str, str] = {}
        self.after_data: dict[str, str] = {}
        self.hangs_after_data: set[str] = set()
        self.vanishes_after_data: set[str] = set()

    @property
    def recipients(self) -> list[str]:
        return [address for envelope in self.taken for address in envelope.rcpt_tos]

    def mails(self) -> list[EmailMessage]:
        return [
            email.message_from_bytes(envelope.content, policy=email.policy.default)  # type: ignore[arg-type, misc]
            for envelope in self.taken
        ]

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, name: str, lines: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = name
        return lines

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if reply := self.refused_senders.get(address):
            return reply
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if reply := self.refused_recipients.get(address):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        [address] = envelope.rcpt_tos
        if reply := self.after_data.get(address):
            return reply
        self.taken.append(envelope)
        if address in self.hangs_after_data:
            await asyncio.sleep(3600)
        if address in self.vanishes_after_data:
            assert server.transport is not None
            server.transport.abort()
        return "250 Taken"


@pytest.fixture
def post(settings: Any) -> Iterator[PostOffice]:
    """The mail server that the product is configured for."""
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    office = PostOffice()
    controller = Controller(office, hostname="127.0.0.1", port=_free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = controller.port
    settings.EMAIL_TIMEOUT = 0.5
    yield office
    controller.stop()


@pytest.fixture
def no_server(settings: Any, post: PostOffice) -> None:
    """Nobody listens where the mail server should be."""
    settings.EMAIL_PORT = _free_port()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


Put = Callable[..., OutgoingMail]


@pytest.fixture
def put(now: datetime) -> Put:
    """Queues a mail to the given addresses (``cc:`` and ``bcc:`` before one say so)."""

    def put(*addresses: str, **fields: Any) -> OutgoingMail:
        given: dict[str, Any] = {
            "purpose": "reply",
            "subject": "Your question",
            "text": "An answer.\n",
            "now": now,
            "recipients": [_recipient(each) for each in addresses],
        }
        return services.queue(**given | fields)

    return put


def _recipient(address: str) -> services.Recipient:
    kind, _, bare = address.rpartition(":")
    return services.Recipient(bare, kind=kind or "to")


class Listener:
    """An owner of mail: hears what the outbox announces, and fails when told to."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []
        self.fails_for: set[str] = set()
        self.fails_at: set[str] = {"left", "dead"}

    def locking(self, mail: OutgoingMail, **_: Any) -> None:
        self._hear("locking", mail)

    def left(self, mail: OutgoingMail, at: datetime, now: datetime, **_: Any) -> None:
        self._hear("left", mail, at)

    def dead(self, mail: OutgoingMail, now: datetime, **_: Any) -> None:
        self._hear("dead", mail, now)

    def of(self, mail: OutgoingMail) -> list[str]:
        """What was announced of ``mail``, locks aside."""
        return [kind for kind, pk, *_ in self.heard if pk == mail.pk and kind != "locking"]

    def _hear(self, kind: str, mail: OutgoingMail, *more: Any) -> None:
        if mail.subject in self.fails_for and kind in self.fails_at:
            raise RuntimeError(f"{kind}: the owner has a bug")
        self.heard.append((kind, mail.pk, *more))


@pytest.fixture
def listener() -> Iterator[Listener]:
    ear = Listener()
    wires = [(signals.locking, ear.locking), (signals.left, ear.left), (signals.dead, ear.dead)]
    for signal, receiver in wires:
        signal.connect(receiver)
    yield ear
    for signal, receiver in wires:
        signal.disconnect(receiver)


def fresh(mail: OutgoingMail) -> OutgoingMail:
    return OutgoingMail.objects.get(pk=mail.pk)


def rows(mail: OutgoingMail) -> SimpleNamespace:
    """The deliveries of a mail by the part of the address before the @."""
    return SimpleNamespace(
        **{row.email.partition("@")[0]: row for row in Delivery.objects.filter(mail=mail)}
    )


@pytest.fixture
def many_connections(transactional_db: None) -> int:
    """How many threads race: SQLite has one writer at a time, so fewer of them say as much."""
    return 50 if connection.vendor == "postgresql" else 12


def at_once(deeds: list[Callable[[], Any]]) -> list[Any]:
    """Runs ``deeds`` in threads that start together; returns their results, in order."""
    gate = threading.Barrier(len(deeds))
    results: list[Any] = [None] * len(deeds)

    def run(place: int) -> None:
        try:
            gate.wait(timeout=30)
            results[place] = deeds[place]()
        except BaseException as problem:
            results[place] = problem
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    problems = [each for each in results if isinstance(each, BaseException)]
    assert problems == []
    return results
