"""Where an installation keeps things: its folders, its database, the key it signs with."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from config.env import text


def folder(name: str, default: Path, *, writable: bool = True) -> Path:
    """A folder, made where it is missing; with ``writable`` one that can be written into."""
    path = Path(text(name, str(default))).expanduser().absolute()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise ImproperlyConfigured(f"{name}={str(path)!r} cannot be made: {problem}") from problem
    if writable and not os.access(path, os.W_OK | os.X_OK):
        raise ImproperlyConfigured(f"{name}={str(path)!r} cannot be written into")
    return path


def database(name: str, data_dir: Path) -> dict[str, Any]:
    """Django's database settings from a URL; without one, SQLite in ``data_dir``."""
    raw = text(name) or f"sqlite:///{data_dir / 'helpdesk.sqlite3'}"
    try:
        config: dict[str, Any] = dict(environ.Env.db_url_config(raw))
    except ValueError as problem:
        raise ImproperlyConfigured(
            f"{name} is not postgres://… or sqlite:///…: {problem}"
        ) from problem
    engine = config.get("ENGINE", "")
    if engine.endswith("sqlite3"):
        config["OPTIONS"] = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
        }
    elif engine.endswith("postgresql"):
        config.setdefault("CONN_MAX_AGE", 60)
        config["CONN_HEALTH_CHECKS"] = True
        # Statements prepared on the server: planning joins took a tenth of a page's time.
        defaults = {"connect_timeout": 5, "server_side_binding": True, "prepare_threshold": 5}
        config["OPTIONS"] = defaults | config.get("OPTIONS", {})
    else:
        raise ImproperlyConfigured(
            f"{name}: use postgres://… or sqlite:///…, not {raw.split(':')[0]!r}"
        )
    return config


def secret_key(name: str, data_dir: Path, *, required: bool) -> str:
    """The signing key; generated once and kept beside the data only in the zero-set-up shape."""
    value = text(name)
    if value:
        if len(value) < 50:
            raise ImproperlyConfigured(f"{name} must have at least 50 characters")
        return value
    if required:
        raise ImproperlyConfigured(
            f"{name} is missing. Set it to 50 or more random characters, for example from: "
            "python -c 'import secrets; print(secrets.token_urlsafe(60))'"
        )
    return _kept_key(data_dir / "secret_key")


def _kept_key(path: Path) -> str:
    """Written aside and put in place whole: no process reads half a key, no crash leaves none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        handle, aside = tempfile.mkstemp(dir=path.parent, prefix="secret_key.")
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(60))
        with suppress(FileExistsError):  # another process was first, and its key counts
            os.link(aside, path)
        os.unlink(aside)
    key = path.read_text().strip()
    if len(key) < 50:
        raise ImproperlyConfigured(
            f"{str(path)!r} holds no usable key. Delete it, and a new one is made; who is signed in "
            "has to do so again."
        )
    return key
