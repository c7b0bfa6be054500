"""Redis stopped and frozen under a desk at work: no page waits, and live updates come back by themselves."""

import json
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.faults.servers import Redis, free_port, running, wait_until
from tests.faults.test_broker import break_by_freezing, break_by_stopping

# Seconds, for any machine: who waited for a frozen Redis would wait for ever. The figures are printed.
SOON, SLOWEST = 10.0, 5.0


class Desk:
    """One signed-in browser on one ticket, against gunicorn and the stream."""

    def __init__(self, pages: int, stream: int, signed: str) -> None:
        self.pages, self.stream = pages, stream
        self.cookies, self.secret, self.reference = signed.split("\n")

    def asks(self, path: str, **said: str) -> tuple[Any, float]:
        """What a page answers, and how long it took."""
        data = urllib.parse.urlencode(said | {"csrfmiddlewaretoken": self.secret}).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.pages}{path}", data if said else None,
            {"Cookie": self.cookies, "HX-Request": "true"},
        )  # fmt: skip
        start = time.monotonic()
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read(), time.monotonic() - start

    def beats(self, doing: str = "reading") -> float:
        path = f"/tickets/{self.reference}/presence/"
        return self.asks(path, window="w1", doing=doing)[1]

    def notes(self) -> float:
        return self.asks(f"/tickets/{self.reference}/note/", body="A note.")[1]

    def token(self) -> str:
        answer, _ = self.asks(f"/live/poll/?ticket={self.reference}")
        return str(json.loads(answer)["token"])

    def hears(self) -> bool:
        """Whether the stream's process is up and hears Redis."""
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.stream}/healthz", timeout=5)
        except (urllib.error.URLError, OSError):
            return False
        return True

    def connects(self) -> socket.socket:
        link = socket.create_connection(("127.0.0.1", self.stream), timeout=20)
        path = f"/live/stream/?token={self.token()}"
        link.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        heard(link, b"event: beat")
        return link


def heard(link: socket.socket, words: bytes) -> float:
    """Reads on until ``words`` come; how long that took."""
    start, text = time.monotonic(), b""
    while words not in text:
        fresh = link.recv(4096)
        assert fresh, f"the stream ended after {text!r}"
        text += fresh
    return time.monotonic() - start


def ended(link: socket.socket) -> None:
    while link.recv(4096):
        pass


@pytest.fixture
def desk(environment: dict[str, str], scene: Callable[..., None], tmp_path: Path) -> Iterator[Desk]:
    signed = tmp_path / "signed"
    scene("signs", "ana", signed)
    pages, stream, log = free_port(), free_port(), tmp_path / "log"
    at = ("--bind", f"127.0.0.1:{pages}", "--workers", "2")
    with ExitStack() as stack:
        for arguments in (
            ("-m", "gunicorn", "config.wsgi", *at),
            ("-m", "uvicorn", "config.stream:application", "--port", str(stream)),
        ):
            stack.enter_context(running(*arguments, environment=environment, log=log))
        here = Desk(pages, stream, signed.read_text())
        wait_until(here.hears, 30, "the stream hears")
        wait_until(lambda: _is_up(pages), 30, "the pages are up")
        yield here


def _is_up(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5)
    except OSError:
        return False
    return True


@pytest.mark.servers
@pytest.mark.parametrize("breaking", [break_by_stopping, break_by_freezing])
def test_pages_never_wait_for_redis_and_the_stream_hears_again(
    breaking: Callable[[Redis], Callable[[], None]], desk: Desk, redis_server: Redis
) -> None:
    link = desk.connects()
    desk.beats()
    desk.notes()
    took = heard(link, b"event: changed")
    assert took < SOON
    mend = breaking(redis_server)
    spans = [desk.notes(), *(desk.beats(doing) for doing in ("reply", "reading") * 5), desk.notes()]
    assert max(spans) <= SLOWEST, spans
    ended(link)  # whoever stayed would wait in vain
    assert not desk.hears()
    mend()
    back = wait_until(desk.hears, 20, "the stream hears again")
    link = desk.connects()
    wait_until(lambda: desk.notes() < SLOWEST and _tells(link), 40, "a change is told again")
    print(f"{breaking.__name__}: told after {took:.2f} s; slowest page {max(spans):.2f} s while "
          f"broken; heard again after {back:.1f} s")  # fmt: skip


def _tells(link: socket.socket) -> bool:
    link.settimeout(SOON)
    try:
        return heard(link, b"event: changed") < SOON
    except TimeoutError:
        return False
