"""Mails for the way in: the corpus on disk, and one written on the spot."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from tickets.inbound import services
from tickets.inbound.models import RawMail

CORPUS = Path(__file__).resolve().parent.parent / "data" / "mail"


@pytest.fixture(autouse=True)
def _media(settings: SimpleNamespace, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def eml(name: str) -> bytes:
    return (CORPUS / f"{name}.eml").read_bytes()


def written(
    *,
    sender: str = "Carla <carla@acme.example>",
    to: str = "support@helpdesk.localhost",
    subject: str = "The lamp flickers",
    text: str = "Since yesterday.",
    message_id: str = "<one@acme.example>",
    **more: str,
) -> bytes:
    fields = {"From": sender, "To": to, "Subject": subject, "Message-ID": message_id}
    fields |= {name.replace("_", "-"): value for name, value in more.items()}
    head = "".join(f"{name}: {value}\n" for name, value in fields.items() if value)
    return f"{head}\n{text}\n".encode()


@pytest.fixture
def receive(cast: SimpleNamespace, now: datetime) -> Callable[..., RawMail]:
    """Stores and processes a mail at ``now``, as the pipe does."""

    def do(raw: bytes, at: datetime = now) -> RawMail:
        return services.process(services.store(raw, at, "test"), at)

    return do
