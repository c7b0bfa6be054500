import io
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from tests.inbound.conftest import eml
from tickets.inbound import services
from tickets.inbound.models import RawMail
from tickets.inbound.parsing import parse
from tickets.models import Ticket


@pytest.fixture
def pipe(cast: SimpleNamespace, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Pipes bytes into receive_mail at ``now``."""

    def do(raw: bytes, *options: str) -> None:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
        with time_machine.travel(now, tick=False):
            call_command("receive_mail", *options)

    return do


def test_a_piped_mail_opens_a_ticket_now(pipe: Any, now: datetime) -> None:
    pipe(eml("plain"))
    assert Ticket.objects.get().opened_at == now
    assert RawMail.objects.get().source == "pipe"


def test_the_mail_servers_receipt_counts(pipe: Any) -> None:
    pipe(eml("plain"), "--received-at", "2026-03-03T08:30:00-05:00", "--source", "mx1")
    assert Ticket.objects.get().opened_at == datetime(2026, 3, 3, 13, 30, tzinfo=UTC)
    assert RawMail.objects.get().source == "mx1"


def test_a_receipt_in_the_future_is_now(pipe: Any, now: datetime) -> None:
    pipe(eml("plain"), "--received-at", "2036-03-03T08:30:00Z")
    assert RawMail.objects.get().received_at == now


@pytest.mark.parametrize("wrong", ["yesterday", "2026-03-03", "2026-03-03T08:30:00", "2026-13-03"])
def test_a_receipt_that_is_no_instant_leaves_the_mail_with_the_server(
    pipe: Any, wrong: str
) -> None:
    with pytest.raises(CommandError, match="is not an instant") as error:
        pipe(eml("plain"), "--received-at", wrong)
    assert error.value.returncode == os.EX_TEMPFAIL
    assert not RawMail.objects.exists()


def test_a_mail_handed_in_again_while_it_is_read_is_left_to_who_reads_it(
    pipe: Any, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    raw = services.store(eml("plain"), now, "pipe")
    monkeypatch.setattr(services, "parse", lambda _: pipe(eml("plain")) or parse(eml("plain")))
    assert services.process(raw, now).state == "processed"
    assert (Ticket.objects.count(), raw.attempts) == (1, 1)


def test_without_a_database_the_mail_server_keeps_the_mail(
    pipe: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any) -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(services, "store", gone)
    with pytest.raises(CommandError, match="Not stored: gone") as error:
        pipe(eml("plain"))
    assert error.value.returncode == os.EX_TEMPFAIL


def test_too_large_a_mail_is_refused_for_good(pipe: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "LARGEST", 100)
    with pytest.raises(CommandError) as error:
        pipe(eml("plain"))
    assert error.value.returncode == os.EX_DATAERR


def test_once_stored_nothing_that_fails_is_the_mail_servers_trouble(
    pipe: Any, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    def gone(*_: Any) -> None:
        raise DatabaseError("gone")

    with monkeypatch.context() as broken:
        broken.setattr(services, "process", gone)
        pipe(eml("plain"))
    assert RawMail.objects.get().state == "stored"
    with time_machine.travel(now, tick=False):
        call_command("process_mail", stdout=io.StringIO())
    assert RawMail.objects.get().state == "processed"


def test_the_same_mail_piped_twice_is_one_ticket(pipe: Any) -> None:
    pipe(eml("plain"))
    pipe(eml("plain"))
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize("name", ["empty", "not_a_mail", "deep_multipart", "brackets"])
def test_what_cannot_be_parsed_is_kept_and_accepted(pipe: Any, name: str) -> None:
    pipe(eml(name))
    assert bytes(RawMail.objects.get().raw) == eml(name)


def test_the_real_process_answers_75_when_it_cannot_store(tmp_path: Path) -> None:
    """A database without tables: the bytes are not safe, and the mail server must know."""
    root = Path(__file__).resolve().parent.parent.parent
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, "manage.py", "receive_mail"],
        input=eml("plain"), capture_output=True, cwd=root, timeout=60, check=False,
        env=kept | {"DATA_DIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == os.EX_TEMPFAIL
    assert b"Not stored" in done.stderr
    assert b"Traceback" not in done.stderr
