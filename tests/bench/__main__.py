"""Builds databases of growing size, measures each in a process of its own, prints one table.

    python -m tests.bench [--sizes 1000,100000,1000000] [--server postgres://…] [--json FILE]

Each size has its own database (helpdesk_bench_N), loaded once and kept for the next run; --fresh
drops it first. Needs PostgreSQL and Redis on this machine.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import psycopg

from tests.bench.report import table


def database(server: str, size: int, *, fresh: bool) -> str:
    """The address of the database for ``size`` tickets, created when missing."""
    name = f"helpdesk_bench_{size}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as link:
        if fresh:
            link.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        if not link.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            link.execute(f"CREATE DATABASE {name}")
    return f"{server}/{name}"


def measure(address: str, size: int, broker: str, only: str) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile(suffix=".json") as result:
        environment = os.environ | {
            "DATABASE_URL": address,
            "CELERY_BROKER_URL": broker,
            "SECRET_KEY": "b" * 60,
            "LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        command = [sys.executable, "-m", "tests.bench.one", str(size), result.name, only]
        subprocess.run(command, env=environment, check=True)
        measured: dict[str, Any] = json.loads(Path(result.name).read_text())
        return measured


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--sizes", default="1000,100000,1000000")
    parser.add_argument("--server", default="postgres://postgres@127.0.0.1:5432")
    parser.add_argument("--broker", default="redis://127.0.0.1:6379/5")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--fresh", action="store_true", help="rebuild the databases")
    parser.add_argument(
        "--only", default="", help="hours, pages, search, opening, sweep, lateness or live"
    )
    options = parser.parse_args()
    results = {
        size: measure(
            database(options.server, size, fresh=options.fresh), size, options.broker, options.only
        )
        for size in map(int, options.sizes.split(","))
    }
    print(table(results))
    if options.json:
        options.json.write_text(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
