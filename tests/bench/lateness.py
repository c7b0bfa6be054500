"""How late steps are with a real worker and a real beat, and what each process weighs."""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from django.db import connection
from django.utils import timezone

from escalation.models import Clock, ClockStep
from tests.bench.load import clone_ticket
from tickets.people.models import Contact
from tickets.services import opening

STEPS, SPREAD = 500, 40  # so many breaches over so many seconds
ROOT = Path(__file__).resolve().parent.parent.parent


def measure() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        worker = [sys.executable, "-m", "celery", "-A", "config", "worker", "--pool", "prefork",
                  "--concurrency", "2", "--loglevel", "WARNING"]  # fmt: skip
        beat = [sys.executable, "-m", "celery", "-A", "config", "beat", "--loglevel", "WARNING"]  # fmt: skip
        web = [sys.executable, "-m", "gunicorn", "config.wsgi", "--workers", "1", "--bind",
               f"unix:{folder}/web"]  # fmt: skip
        with (
            _mail_server() as port, running(worker, port) as one, running(beat, port) as two,
            running(web, port) as three,
        ):  # fmt: skip
            time.sleep(6)
            late = _late()
            memory = {
                f"memory of {name}, MB": _megabytes(process.pid)
                for name, process in (("worker", one), ("beat", two), ("web", three))
            }
    return {
        "lateness of a step, p50 s": statistics.median(late),
        "lateness of a step, p99 s": sorted(late)[int(len(late) * 0.99) - 1],
        "… steps": len(late),
        **memory,
    }


def _late() -> list[float]:
    """Breaches whose instants lie a little ahead, spread evenly; how late each was acted on."""
    now = timezone.now()
    first = _due_in(timedelta(seconds=8))
    clone_ticket(first, STEPS - 1)
    mine = Clock.objects.filter(ticket_id__gte=first.pk, metric="first_reply")
    _spread(first.pk)
    expected = mine.count()
    until = time.monotonic() + SPREAD + 60
    steps = ClockStep.objects.filter(clock__in=mine, kind="breach", at__gte=now)
    while steps.count() < expected and time.monotonic() < until:
        time.sleep(0.5)
    rows = list(steps.values_list("at", "acted_at"))
    assert len(rows) == expected, f"{len(rows)} of {expected} steps within the time"
    return [(acted - at).total_seconds() for at, acted in rows]


def _due_in(delay: timedelta) -> Any:
    """A ticket opened so long ago that its first reply is due after ``delay``."""
    customer = Contact.objects.order_by("-pk")[0]
    now = timezone.now()
    probe = opening.open_ticket(
        subject="Due soon", body="Hello", channel="email", now=now, requester=customer,
        acknowledge=False,
    )  # fmt: skip
    clock = Clock.objects.get(ticket=probe, metric="first_reply")
    assert clock.due_at is not None
    opened = now - (clock.due_at - now) + delay
    return opening.open_ticket(
        subject="Due soon", body="Hello", channel="email", now=now, received_at=opened,
        requester=customer, acknowledge=False,
    )  # fmt: skip


def _spread(first: int) -> None:
    """Moves each clone's history later by a growing fraction, its clocks with it."""
    shift = f"((ticket_id - {first}) * interval '1 second' * {SPREAD} / {STEPS})"
    with connection.cursor() as cursor:
        for table, columns in {
            "tickets_ticketevent": ("at", "recorded_at"),
            "escalation_binding": ("at",),
            "escalation_clock": ("started_at", "due_at", "next_step_at"),
        }.items():
            moved = ", ".join(f"{column} = {column} + {shift}" for column in columns)
            cursor.execute(f"UPDATE {table} SET {moved} WHERE ticket_id > %s", [first])


class _Sink:
    """A mail server that takes everything and keeps nothing."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        return "250 Taken"


@contextmanager
def _mail_server() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    server = Controller(_Sink(), hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield port
    finally:
        server.stop()


@contextmanager
def running(command: list[str], mail_port: int) -> Iterator["subprocess.Popen[bytes]"]:
    mail = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(mail_port)}
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | mail)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=20)


def _megabytes(pid: int) -> float:
    """Proportional set size of a process and its children."""
    total = 0
    for child in [pid, *_children(pid)]:
        rollup = Path(f"/proc/{child}/smaps_rollup").read_text()
        total += int(
            next(line for line in rollup.splitlines() if line.startswith("Pss:")).split()[1]
        )
    return total / 1024


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *_children(int(child))]
    return found
