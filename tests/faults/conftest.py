"""Private servers and processes; a missing server fails where REQUIRE_SERVERS is set."""

import os
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.faults.servers import ROOT, Postgres, Redis, command, free_port, missing_servers
from tests.flows.conftest import company, ticket
from tests.outbox.conftest import many_connections, post

__all__ = ["company", "many_connections", "post", "ticket"]
Scene = Callable[..., None]


class Postbox:
    """Accepts every mail and remembers recipient and Message-ID."""

    def __init__(self) -> None:
        self.seen: Counter[tuple[str, str]] = Counter()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        lines = envelope.content.decode("utf-8", "replace").splitlines()
        message_id = next(line for line in lines if line.lower().startswith("message-id:"))
        for recipient in envelope.rcpt_tos:
            self.seen[(recipient, message_id.split(":", 1)[1].strip())] += 1
        return "250 Taken"


@pytest.fixture(scope="session")
def _servers_are_here() -> None:
    lacking = missing_servers()
    if lacking and os.environ.get("REQUIRE_SERVERS"):
        pytest.fail(f"{lacking} is missing on this machine")
    if lacking:
        pytest.skip(f"{lacking} is missing on this machine")


@pytest.fixture(scope="module")
def redis_server(
    _servers_are_here: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Redis]:
    server = Redis(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def postgres(_servers_are_here: None) -> Iterator[Postgres]:
    # Outside pytest's own folder, which only root may enter.
    home = Path(f"/tmp/helpdesk-faults-{os.getpid()}-{time.monotonic_ns()}")  # noqa: S108
    server = Postgres(home)
    yield server
    server.stop()
    subprocess.run(["rm", "-rf", str(home)], check=True)


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, int]]:
    box = Postbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield box, controller.port
    controller.stop()


@pytest.fixture
def environment(
    postgres: Postgres, redis_server: Redis, postbox: tuple[Postbox, int], tmp_path: Path
) -> dict[str, str]:
    """The environment of our processes, over an empty database of its own."""
    name = f"faults{time.monotonic_ns()}"
    with postgres.connect() as link:
        link.execute(f"CREATE DATABASE {name}")
    redis_server.flush()
    values = _values(tmp_path, postbox[1]) | {
        "DATABASE_URL": postgres.url_of(name),
        "CELERY_BROKER_URL": redis_server.url,
    }
    _run(values)("prepare")
    return values


@pytest.fixture
def scene(environment: dict[str, str]) -> Scene:
    return _run(environment)


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company in a SQLite file, to be copied: to found one takes seconds."""
    home = tmp_path_factory.mktemp("founded")
    _run(_values(home, 25) | _on_sqlite(home))("prepare")
    return home / "small.sqlite3"


@pytest.fixture
def small(founded: Path, postbox: tuple[Postbox, int], tmp_path: Path) -> dict[str, str]:
    """The environment of our processes over SQLite: no server but that for mail."""
    with suppress(FileNotFoundError):
        shutil.copy(f"{founded}-wal", tmp_path / "small.sqlite3-wal")
    shutil.copy(founded, tmp_path / "small.sqlite3")
    return _values(tmp_path, postbox[1]) | _on_sqlite(tmp_path)


@pytest.fixture
def small_scene(small: dict[str, str]) -> Scene:
    return _run(small)


def _on_sqlite(home: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": f"sqlite:///{home / 'small.sqlite3'}",
        "CELERY_BROKER_URL": "memory://",
    }


def _values(home: Path, mail_port: int) -> dict[str, str]:
    return {
        "SECRET_KEY": "f" * 60,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(mail_port),
        "DATA_DIR": str(home),
        "LOG_LEVEL": "WARNING",
    }


def _run(environment: dict[str, str]) -> Scene:
    def run(*arguments: object) -> None:
        subprocess.run(
            command("-m", "tests.faults.scene", *map(str, arguments)),
            cwd=ROOT, env=os.environ | environment, check=True,
        )  # fmt: skip

    return run
