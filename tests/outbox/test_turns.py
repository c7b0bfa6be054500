"""One pass at a time on a machine, and what starts it."""

import multiprocessing
import threading
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from tickets.outbox import tasks
from tickets.outbox.turns import turn

from .conftest import Put, fresh
from .holder import hold


def test_who_comes_second_does_not_wait(tmp_path: Path) -> None:
    seen: list[bool] = []

    def try_it() -> None:
        with turn(tmp_path / "lock") as is_ours:
            seen.append(is_ours)

    with turn(tmp_path / "lock") as is_ours:
        assert is_ours
        thread = threading.Thread(target=try_it)
        thread.start()
        thread.join()
    try_it()
    assert seen == [False, True]


def test_another_process_waits_its_turn_and_a_killed_one_leaves_it(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=hold, args=(tmp_path / "lock", theirs), daemon=True)
    process.start()
    theirs.close()  # so that a process that dies early is an error and no endless wait
    assert ours.recv() is True
    with turn(tmp_path / "lock") as is_ours:
        assert not is_ours
    process.kill()
    process.join()
    with turn(tmp_path / "lock") as is_ours:
        assert is_ours


def test_a_turn_ends_with_an_error_too(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), turn(tmp_path / "lock"):
        raise RuntimeError
    with turn(tmp_path / "lock") as is_ours:
        assert is_ours


def test_mail_leaves_even_where_no_lock_can_be_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with turn(tmp_path / "file" / "lock") as is_ours:
        assert is_ours


@pytest.mark.django_db
def test_the_task_delivers_when_it_is_its_turn(
    put: Put, now: datetime, mailoutbox: list[Any], settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    put("a@x.example")
    with turn(tmp_path / "outbox.lock"):
        tasks.deliver_due()
    assert mailoutbox == []
    tasks.deliver_due()
    assert len(mailoutbox) == 1


@pytest.mark.django_db
def test_the_command_delivers_without_a_broker(put: Put, mailoutbox: list[Any]) -> None:
    before = timezone.now()
    mail = put("a@x.example", release_at=before)
    put("b@x.example", release_at=before + timedelta(hours=1))
    out = StringIO()
    call_command("deliver", stdout=out)
    assert out.getvalue() == "1 sent\n"
    sent_at = fresh(mail).sent_at
    assert sent_at is not None
    assert sent_at >= before
