"""PostgreSQL restarted in mid-sweep; two beats and two workers at once."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from tests.faults.conftest import Postbox
from tests.faults.servers import Postgres, running, wait_until

CELERY = ("-m", "celery", "-A", "config")
UNSENT = "outbox_delivery WHERE state <> 'sent'"


def count(address: str, what: str) -> int:
    try:
        with psycopg.connect(address, connect_timeout=2) as link:
            row = link.execute(f"SELECT count(*) FROM {what}").fetchone()
            return int(row[0]) if row else 0
    except psycopg.OperationalError:
        return -1


def start(stack: ExitStack, environment: dict[str, str], tmp_path: Path, times: int) -> None:
    for number in range(times):
        beat = (*CELERY, "beat")
        worker = (*CELERY, "worker", "--concurrency", "1", "-n", f"worker{number}@%h")
        for arguments in (beat, worker):
            stack.enter_context(
                running(*arguments, environment=environment, log=tmp_path / f"log{number}")
            )


@pytest.mark.servers
def test_a_restart_of_the_database_in_mid_sweep_heals_by_itself(
    scene: Callable[..., None], environment: dict[str, str], postgres: Postgres, tmp_path: Path
) -> None:
    address = environment["DATABASE_URL"]
    scene("due", 1500, -5)
    with ExitStack() as stack:
        start(stack, environment, tmp_path, 1)
        wait_until(lambda: count(address, "escalation_clockstep") > 20, 40, "the sweep has begun")
        postgres.restart()
        took = wait_until(
            lambda: count(address, "escalation_clockstep WHERE kind = 'breach'") == 1500,
            90,
            "all deadlines are acted on after the restart",
        )
    assert count(address, "escalation_escalation WHERE trigger = 'breach'") == 1500
    assert count(address, "tickets_ticketevent WHERE kind = 'breached'") == 1500
    print(f"PostgreSQL restarted: the rest of 1,500 deadlines was done in {took:.1f} s")


@pytest.mark.servers
def test_two_beats_and_two_workers_act_once_each(
    scene: Callable[..., None],
    environment: dict[str, str],
    tmp_path: Path,
    postbox: tuple[Postbox, int],
) -> None:
    address, (box, _) = environment["DATABASE_URL"], postbox
    with ExitStack() as stack:
        start(stack, environment, tmp_path, 2)
        scene("due", 400, 3)
        wait_until(
            lambda: count(address, "escalation_clockstep WHERE kind = 'breach'") == 400,
            90,
            "all deadlines are acted on",
        )
        wait_until(lambda: count(address, UNSENT) == 0, 60, "all mails have left")
    assert count(address, "escalation_escalation WHERE trigger = 'breach'") == 400
    assert count(address, "tickets_ticketevent WHERE kind = 'breached'") == 400
    assert len(box.seen) == count(address, "outbox_delivery") >= 400
    assert set(box.seen.values()) == {1}
