"""The environment: a bad or missing value stops the start with a sentence that names it."""

import logging
import logging.config
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import env, places
from tickets.references import reply_token

ROOT = Path(__file__).resolve().parent.parent.parent
LEVELS = {"DEBUG", "INFO"}


@pytest.mark.parametrize(
    ("read", "raw", "says"),
    [
        (lambda: env.text("X"), "a\nb", "control characters"),
        (lambda: env.flag("X"), "maybe", "true or false"),
        (lambda: env.number("X", 1, most=10), "11", "between 0 and 10"),
        (lambda: env.number("X", 1), "many", "a whole number"),
        (lambda: env.minutes("X", 1), "-1", "between 0"),
        (lambda: env.web_address("X", ""), "help.example.com", "http://"),
        (lambda: env.one_of("X", "INFO", LEVELS), "loud", "choose DEBUG, INFO"),
        (lambda: env.time_zone("X", "UTC"), "Mars/Olympus", "IANA"),
        (lambda: env.currency("X", "USD"), "dollars", "three capital letters"),
        (lambda: env.address("X", ""), "Help <help@example.com>", "help@example.com"),
        (lambda: env.broker("X", ""), "kafka://host", "redis://"),
        (lambda: places.database("X", Path()), "mysql://host/name", "postgres://"),
        (lambda: places.secret_key("X", Path(), required=True), "short", "50 characters"),
        (lambda: places.database("X", Path()), "postgres://u:p@host:abc/name", "postgres://"),
        (lambda: env.web_address("X", ""), "http://host:99999", "a web address"),
        (lambda: env.dotted("X", ""), "nope.backend.Class", "imported"),
        (lambda: env.dotted("X", ""), "django.nowhere.Backend", "imported"),
        (lambda: env.hosts("X", "", serving="https://a.example"), "", "host names"),
        (
            lambda: env.hosts("X", "", serving="https://a.example"),
            "http://a.example/",
            "host names",
        ),
        (lambda: env.hosts("X", "", serving="https://a.example"), "b.example", "a.example"),
        (lambda: places.folder("X", Path()), "/dev/null/here", "cannot be made"),
        (lambda: env.number("X", 1), "abc", "in the digits 0 to 9"),
        (lambda: env.number("X", 1), "1_0", "in the digits 0 to 9"),
        (lambda: env.number("X", 1), "٢٥", "in the digits 0 to 9"),
        (lambda: env.minutes("X", 1), "1e9", "in the digits 0 to 9"),
        (lambda: env.minutes("X", 1), "9" * 30, "in the digits 0 to 9"),
        (lambda: env.web_address("X", ""), "https://a.example/#top", "without a question mark"),
        (lambda: env.web_address("X", ""), "https://a.example?x=1", "without a question mark"),
        (lambda: env.web_address("X", ""), "https://a.example?", "without a question mark"),
        (lambda: env.web_address("X", ""), "https://me:pw@a.example", "or a user's name"),
        (lambda: env.web_address("X", ""), "http://host:abc", "port must be a number"),
        (lambda: env.broker("X", ""), "redis://host:abc/0", "port must be a number"),
        (lambda: env.broker("X", ""), "redis://host:70000/0", "port must be a number"),
        (lambda: env.broker("X", ""), "redis://host/first", "database must be a number"),
        (lambda: env.dotted("X", ""), "django.core.mail.backends.smtp.Nope", "imported"),
        (lambda: env.dotted("X", ""), "smtp", "imported"),
        (lambda: env.host("X", ""), "", "mail.example.com"),
        (lambda: env.host("X", ""), "smtp://mail.example.com", "mail.example.com"),
        (
            lambda: env.hosts("X", "", serving="https://a.example"),
            "a.example:8000",
            "without a port",
        ),
        (lambda: env.hosts("X", "", serving="https://a.example"), "[::1]:80,a.example", "a port"),
        (
            lambda: env.address("X", "", longest_local=37),
            f"{'a' * 38}@example.com",
            "37 characters",
        ),
        (lambda: env.at_most_one("X", "Y"), "true", "Only one of X and Y"),
    ],
)
def test_a_bad_value_names_its_setting_and_what_would_do(
    monkeypatch: pytest.MonkeyPatch, read: Any, raw: str, says: str
) -> None:
    monkeypatch.setenv("X", raw)
    monkeypatch.setenv("Y", "true")
    with pytest.raises(ImproperlyConfigured) as refused:
        read()
    assert "X" in str(refused.value)
    assert says in str(refused.value)
    assert "invalid literal" not in str(refused.value)


def test_hosts_of_every_kind_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for raw in ("a.example", ".example", "*", "[::1],a.example", "127.0.0.1,a.example"):
        monkeypatch.setenv("X", raw)
        assert env.hosts("X", "", serving="https://a.example") == raw.split(",")


def test_the_longest_address_of_ours_leaves_room_for_a_reply_address() -> None:
    token = reply_token("k" * 50, "HD-7K3M9Q")
    assert len(f"{'a' * 37}+{token}") <= 64 < len(f"{'a' * 38}+{token}")


def test_a_generated_key_stays_and_is_nobody_elses_to_read(tmp_path: Path) -> None:
    made = places.secret_key("MISSING", tmp_path, required=False)
    assert len(made) >= 50
    assert places.secret_key("MISSING", tmp_path, required=False) == made
    assert [each.name for each in tmp_path.iterdir()] == ["secret_key"]
    assert (tmp_path / "secret_key").stat().st_mode & 0o77 == 0


@pytest.mark.parametrize("left", ["", "\n", "short"])
def test_an_empty_file_is_no_key(tmp_path: Path, left: str) -> None:
    (tmp_path / "secret_key").write_text(left)
    with pytest.raises(ImproperlyConfigured, match="holds no usable key"):
        places.secret_key("MISSING", tmp_path, required=False)


def test_a_hold_cannot_be_shorter_than_its_minimum() -> None:
    with pytest.raises(ImproperlyConfigured, match="SHORT must not be longer than LONG"):
        env.in_order(SHORT=timedelta(minutes=2), LONG=timedelta(minutes=1))


def test_good_values_are_taken_as_they_are_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", " info ")
    assert env.one_of("X", "DEBUG", LEVELS) == "INFO"
    monkeypatch.setenv("X", "https://help.example.com/")
    assert env.web_address("X", "") == "https://help.example.com"
    monkeypatch.setenv("X", "Europe/Berlin")
    assert env.time_zone("X", "UTC") == "Europe/Berlin"
    assert env.currency("MISSING", "USD") == "USD"


def test_production_does_not_start_without_its_own_key() -> None:
    """PostgreSQL means production, where a generated key would differ from process to process."""
    environment = {
        name: value for name, value in os.environ.items() if name not in {"SECRET_KEY"}
    } | {"DATABASE_URL": "postgres://localhost/helpdesk"}
    started = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert started.returncode != 0
    assert "SECRET_KEY is missing. Set it to 50 or more random characters" in started.stderr


@pytest.mark.parametrize(("command", "code"), [("receive_mail", 75), ("check", 78)])
def test_a_bad_setting_bounces_no_mail(command: str, code: int, tmp_path: Path) -> None:
    """75 tells the mail server to try again; a person reads one sentence."""
    environment = os.environ | {"LOG_LEVEL": "loud", "DATA_DIR": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=ROOT, env=environment, capture_output=True, text=True, input="", check=False,
    )  # fmt: skip
    assert ended.returncode == code
    assert ended.stderr.startswith("Configuration: LOG_LEVEL='loud' is not")


def test_an_error_in_the_log_says_where_it_happened() -> None:
    logging.config.dictConfig(settings.LOGGING)
    formatter = logging.getLogger().handlers[0].formatter
    assert formatter is not None
    try:
        raise ZeroDivisionError("the place")
    except ZeroDivisionError:
        caught = sys.exc_info()
    record = logging.LogRecord("django.request", logging.ERROR, "f", 1, "Broken: /x/", (), caught)
    line = formatter.format(record)
    assert "Broken: /x/" in line
    assert "test_an_error_in_the_log_says_where_it_happened" in line
    assert "ZeroDivisionError: the place" in line
