"""The database brought up to date before a process serves it."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from tests.faults.servers import wait_until

BRING = "import django; django.setup(); from escalation.upgrading import bring_up_to_date as bring; bring()"
MADE_BY_MIGRATIONS = (
    "SELECT app, name FROM django_migrations ORDER BY id",
    "SELECT app_label, model FROM django_content_type ORDER BY app_label, model",
    "SELECT codename FROM auth_permission ORDER BY codename",
)
OF_SQLITE = (
    "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name",
)
OF_POSTGRESQL = (
    """SELECT table_name, ordinal_position, column_name, data_type, is_nullable, column_default,
              character_maximum_length, is_identity
       FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2""",
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname",
    """SELECT conname, conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
       WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2""",
    "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
)
Database = Callable[[], str]


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    """Makes empty databases of the kind that the tests run on; the address of each."""
    names: list[str] = []

    def make() -> str:
        name = f"empty_{uuid4().hex}"
        if connection.vendor == "sqlite":
            return f"sqlite:///{tmp_path / name}"
        with _server() as link:
            link.execute(f"CREATE DATABASE {name}".encode())
        names.append(name)
        return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()

    yield make
    for name in names:
        with _server() as link:
            link.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _server() -> psycopg.Connection:
    return psycopg.connect(os.environ["DATABASE_URL"], dbname="postgres", autocommit=True)


def run(database: str, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | surroundings(database, home)
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def surroundings(database: str, home: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": database,
        "DATA_DIR": str(home),
        "SECRET_KEY": "u" * 60,
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


def starting(database: str, home: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | surroundings(database, home)
    return subprocess.Popen([sys.executable, "-c", BRING], cwd=settings.BASE_DIR, env=environment)


def has_begun(database: str) -> bool:
    """Whether a migration is written down."""
    try:
        return bool(described(database)[-3])
    except (sqlite3.Error, psycopg.Error):
        return False


def described(database: str) -> list[Any]:
    """Tables with all that holds them together, and what migrations wrote into them."""
    if database.startswith("sqlite"):
        with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as file:
            return [file.execute(sql).fetchall() for sql in (*OF_SQLITE, *MADE_BY_MIGRATIONS)]
    with psycopg.connect(database) as link:
        queries = (*OF_POSTGRESQL, *MADE_BY_MIGRATIONS)
        return [link.execute(sql.encode()).fetchall() for sql in queries]


def test_an_empty_database_becomes_what_migrate_makes_of_it(
    empty: Database, tmp_path: Path
) -> None:
    quick, usual = empty(), empty()
    assert run(quick, tmp_path, "-c", BRING).returncode == 0
    assert run(usual, tmp_path, "manage.py", "migrate").returncode == 0
    expected = described(usual)
    assert all(expected)
    assert described(quick) == expected


def test_a_database_that_is_older_takes_what_it_lacks(empty: Database, tmp_path: Path) -> None:
    database = empty()
    assert run(database, tmp_path, "-c", BRING).returncode == 0
    newest = described(database)
    assert run(database, tmp_path, "manage.py", "migrate", "telling", "zero").returncode == 0
    assert described(database) != newest
    assert run(database, tmp_path, "-c", BRING).returncode == 0
    assert described(database)[0] == newest[0]


def test_a_database_that_cannot_be_brought_up_to_date_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "foreign"
    with closing(sqlite3.connect(path)) as file:
        file.execute("CREATE TABLE people_user (id integer)")
    ended = run(f"sqlite:///{path}", tmp_path, "-c", BRING)
    assert ended.returncode != 0
    assert 'table "people_user" already exists' in ended.stderr
    assert "CommandError: The database could not be brought up to date." in ended.stderr


@pytest.mark.parametrize("is_killed", [False, True], ids=["both go on", "the first is killed"])
def test_of_two_starts_at_once_the_second_waits_and_all_is_whole(
    empty: Database, tmp_path: Path, is_killed: bool
) -> None:
    """The child of one that was killed migrates on."""
    database, one = empty(), empty()
    assert run(one, tmp_path, "-c", BRING).returncode == 0
    first, second = (starting(database, tmp_path) for _ in range(2))
    if is_killed:
        wait_until(lambda: has_begun(database), 60, "the first migrates")
        first.kill()
    ended = [first.wait(120), second.wait(120)]
    assert ended[1] == 0
    assert is_killed or ended[0] == 0
    if is_killed:  # whatever it had left is done by the next that starts
        assert run(database, tmp_path, "-c", BRING).returncode == 0
    assert described(database) == described(one)
