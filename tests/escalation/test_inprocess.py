"""Worker, timers and web in one process."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from escalation.inprocess import Watch, listen


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_taken_port_is_named_before_anything_else_happens(taken: int) -> None:
    with pytest.raises(CommandError, match=f"cannot use 127.0.0.1:{taken}.*--port"):
        call_command("run", port=taken)


@pytest.mark.parametrize("port", [-1, 99_999])
def test_a_port_that_cannot_be_is_refused_in_words(port: int) -> None:
    with pytest.raises(OSError, match="--port"):
        listen("127.0.0.1", port)


@pytest.mark.django_db(transaction=True)
def test_timers_of_which_a_thread_died_are_started_anew_and_leave_no_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    watch = Watch()
    watch.timers.start()
    first = watch.timers
    assert watch.look()
    first.beat.service.stop(wait=True)
    first.beat.join(timeout=10)
    assert not watch.look()
    assert watch.timers is not first
    assert watch.look()
    watch.timers.stop()
    assert list(tmp_path.iterdir()) == []
