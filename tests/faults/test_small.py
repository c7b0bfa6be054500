"""The small forms, on SQLite with no server: killed, doubled and asleep, all the same once each."""

import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Postbox
from tests.faults.servers import ROOT, command, running, wait_until

Scene = Callable[..., None]
SWEEP = ("manage.py", "sweep")


@pytest.fixture
def ask(small: dict[str, str]) -> Callable[[str], Any]:
    """One value out of the file."""
    path = Path(small["DATABASE_URL"].removeprefix("sqlite:///"))

    def do(sql: str) -> Any:
        with closing(sqlite3.connect(path, timeout=20)) as link:
            return link.execute(f"SELECT {sql}").fetchone()[0]

    return do


def acted(ask: Callable[[str], Any]) -> list[int]:
    """Breaches, their events and their climbs."""
    return [
        ask("count(*) FROM escalation_clockstep WHERE kind = 'breach'"),
        ask("count(*) FROM tickets_ticketevent WHERE kind = 'breached'"),
        ask("count(*) FROM escalation_escalation WHERE trigger = 'breach'"),
    ]


def test_five_kills_during_a_sweep_lose_nothing_and_double_nothing(
    small_scene: Scene, ask: Callable[[str], Any], postbox: tuple[Postbox, int]
) -> None:
    small_scene("due", 40, -30)
    small_scene("kills", 5, 20261123, 0.05)
    box, _ = postbox
    assert acted(ask) == [40, 40, 40]
    mails = ask("count(*) FROM outbox_delivery")
    assert ask("count(*) FROM outbox_delivery WHERE state <> 'sent'") == 0
    assert len(box.seen) == mails >= 40, "every mail arrived, under one Message-ID each"
    assert sum(box.seen.values()) - mails <= 5


def test_two_sweeping_processes_on_one_file_act_once_each(
    small: dict[str, str],
    small_scene: Scene,
    ask: Callable[[str], Any],
    postbox: tuple[Postbox, int],
    tmp_path: Path,
) -> None:
    box, _ = postbox
    small_scene("due", 40, 2)
    loop = (*SWEEP, "--loop", "--every", "0.1")
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(running(*loop, environment=small, log=tmp_path / "log"))
        wait_until(lambda: acted(ask)[0] == 40, 60, "all deadlines are acted on")
        unsent = "count(*) FROM outbox_delivery WHERE state <> 'sent'"
        wait_until(lambda: ask(unsent) == 0, 30, "all mails have left")
    assert acted(ask) == [40, 40, 40]
    assert set(box.seen.values()) == {1}
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_three_hours_asleep_are_caught_up_by_one_pass(
    small: dict[str, str], small_scene: Scene, ask: Callable[[str], Any]
) -> None:
    small_scene("due", 10, -3 * 3600)
    subprocess.run(command(*SWEEP), cwd=ROOT, env=small, check=True, capture_output=True)
    assert acted(ask) == [10, 10, 10]
    late = "(julianday(detected_at) - julianday(breached_at)) * 86400"
    assert ask(f"count(*) FROM escalation_clock WHERE {late} BETWEEN 10800 AND 10860") == 10
    told = "FROM escalation_escalationstep WHERE passed_over = 0"
    assert (ask(f"count(*) {told}"), ask(f"min(level) {told}"), ask(f"max(level) {told}")) == (
        10, 2, 2,
    )  # fmt: skip
    assert ask("count(*) FROM escalation_escalationstep WHERE passed_over = 1") == 20
