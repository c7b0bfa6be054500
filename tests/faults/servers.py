"""Private servers that a test may freeze, flush and kill: PostgreSQL, Redis; and our processes."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from glob import glob
from pathlib import Path

import psycopg
import redis

ROOT = Path(__file__).resolve().parent.parent.parent
# Durable settings stay on: a test of crashes with fsync off would test nothing.
POSTGRES_OPTIONS = "-c listen_addresses=127.0.0.1 -c max_connections=120"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(happened: Callable[[], bool], seconds: float, what: str) -> float:
    """Polls until ``happened``; returns the seconds it took, fails with ``what`` otherwise."""
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        if happened():
            return time.monotonic() - started
        time.sleep(0.05)
    raise AssertionError(f"after {seconds} s still not: {what}")


def missing_servers() -> str:
    """What this machine lacks for the fault tests, or nothing."""
    lacking = []
    if not glob("/usr/lib/postgresql/*/bin/initdb"):
        lacking.append("PostgreSQL")
    if not shutil.which("redis-server"):
        lacking.append("Redis")
    return " and ".join(lacking)


class Postgres:
    """A cluster of its own in ``home``, run by the ``postgres`` account when we are root."""

    def __init__(self, home: Path) -> None:
        self.home, self.port = home, free_port()
        self.bin = Path(sorted(glob("/usr/lib/postgresql/*/bin"))[-1])
        self.as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        home.mkdir(parents=True)
        if self.as_user:
            shutil.chown(home, "postgres")
        self._run("initdb", "-D", str(home / "data"), "-U", "helpdesk", "-A", "trust", "-E", "UTF8")
        self.start()

    def url_of(self, database: str) -> str:
        return f"postgres://helpdesk@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        options = f"-p {self.port} -k {self.home} {POSTGRES_OPTIONS}"
        self._run("pg_ctl", "-w", "-D", str(self.home / "data"), "-l", str(self.home / "log"),
                  "-o", options, "start")  # fmt: skip

    def stop(self, mode: str = "immediate") -> None:
        self._run("pg_ctl", "-w", "-D", str(self.home / "data"), "-m", mode, "stop")

    def restart(self) -> None:
        self.stop()
        self.start()

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(self.url_of(database), autocommit=True)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self.as_user, str(self.bin / program), *arguments]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL)


class Redis:
    """A server of its own that keeps nothing on disk."""

    def __init__(self, home: Path) -> None:
        self.home, self.port = home, free_port()
        home.mkdir(parents=True, exist_ok=True)
        self.process: subprocess.Popen[bytes]
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
             "--dir", str(self.home)],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        wait_until(self._answers, 10, "Redis answers")

    def _answers(self) -> bool:
        try:
            return bool(redis.Redis(port=self.port, socket_timeout=1).ping())
        except redis.RedisError:
            return False

    def stop(self) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def flush(self) -> None:
        redis.Redis(port=self.port).flushall()


def command(*arguments: str) -> list[str]:
    """A command of ours, by this Python."""
    return [sys.executable, *arguments]


@contextmanager
def running(
    *arguments: str, environment: dict[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """One of our processes, in a process group of its own that is killed at the end."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command(*arguments), cwd=ROOT, env=os.environ | environment,
            stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            kill(process)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """kill -9 of the process and all its children."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
