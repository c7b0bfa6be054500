"""The stream as a browser meets it: what it answers to which token, and how it ends."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from typing import Any

import pytest

from config.stream import PATH, Stream
from tests.live import running
from tickets.live.carrying import within_the_process
from tickets.live.tokens import Grant, sign
from tickets.live.topics import Kind, Message

SECRET = "k" * 60


class Browser:
    """Speaks ASGI; takes in what it is sent unless it is ``stuck``."""

    def __init__(self, stream: Stream, token: str = "", since: str = "", **scope: Any) -> None:
        self.status, self.body, self.headers = 0, "", {}
        self.stuck, self._gone = False, asyncio.Event()
        self._fresh = asyncio.Event()
        query = f"token={token}&since={since}".encode()
        self.scope: dict[str, Any] = {
            "type": "http", "method": "GET", "path": PATH, "query_string": query,
        } | scope  # fmt: skip
        self.task = asyncio.create_task(stream(self.scope, self._receive, self._send))

    async def reads(self, words: str) -> str:
        while words not in self.body:
            self._fresh.clear()
            await self._fresh.wait()
        return self.body

    async def leaves(self) -> None:
        self._gone.set()
        await self.task

    async def _receive(self) -> Mapping[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, said: Mapping[str, Any]) -> None:
        if self.stuck:
            await asyncio.Event().wait()
        if said["type"] == "http.response.start":
            self.status, self.headers = said["status"], dict(said["headers"])
        self.body += said.get("body", b"").decode()
        self._fresh.set()


@pytest.fixture(autouse=True)
def _alone(settings: Any) -> None:
    settings.SECRET_KEY, settings.CELERY_BROKER_URL = SECRET, "memory://"


@contextlib.asynccontextmanager
async def streaming() -> AsyncIterator[Stream]:
    stream = Stream()
    async with asyncio.timeout(10):
        try:
            yield stream
        finally:
            stream._ear.close()


def token(*topics: str, lasts: float = 100, user: int = 1) -> str:
    return sign(Grant(user, frozenset(topics), int(time.time() + lasts)), SECRET)


def tell(topic: str, reference: str = "HD-ABC234") -> None:
    within_the_process.carry([Message(Kind.CHANGED, frozenset({topic}), reference, 2, 3)])


def run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    running.run(story())


def test_what_happens_reaches_who_may_hear_it() -> None:
    async def story() -> None:
        async with streaming() as stream:
            ana, bo = Browser(stream, token("team:1")), Browser(stream, token("team:2"))
            await ana.reads("event: beat")
            await bo.reads("event: beat")
            tell("team:1")
            tell("team:2", "HD-BBB222")
            assert '"reference":"HD-ABC234"' in await ana.reads("event: changed")
            assert "HD-ABC234" not in await bo.reads("HD-BBB222")
            assert ana.headers[b"content-type"].startswith(b"text/event-stream")
            assert ana.headers[b"cache-control"] == b"no-store"
            await ana.leaves()
            await bo.leaves()
            assert stream.hub.connected == 0

    run(story)


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        ({}, 403),
        ({"query_string": b""}, 403),
        ({"query_string": b"token=%00.%ff"}, 403),
        ({"query_string": b"\xff\xfe=\x00"}, 403),
        ({"method": "POST"}, 405),
        ({"path": "/live/"}, 404),
        ({"path": "/healthz"}, 200),
    ],
)
def test_what_may_not_be_is_refused(scope: dict[str, Any], status: int) -> None:
    async def story() -> None:
        async with streaming() as stream:
            browser = Browser(stream, "forged.token", **scope)
            await browser.task
            assert browser.status == status

    run(story)


def test_an_ended_token_is_refused_and_one_that_ends_closes_its_stream() -> None:
    async def story() -> None:
        async with streaming() as stream:
            late = Browser(stream, token("team:1", lasts=-1))
            await late.task
            assert late.status == 403
            soon = Browser(stream, token("team:1", lasts=1.1))
            await soon.task
            assert soon.status == 200
            tell("team:1")
            assert "changed" not in soon.body

    run(story)


def test_a_browser_that_takes_nothing_in_is_let_go_while_others_hear_everything() -> None:
    async def story() -> None:
        async with streaming() as stream:
            slow = Browser(stream, token("team:1", user=1))
            quick = Browser(stream, token("team:1", user=2))
            await slow.reads("event: beat")
            await quick.reads("event: beat")
            slow.stuck = True
            for number in range(150):
                tell("team:1", f"HD-N{number}")
                await quick.reads(f'"HD-N{number}"')
            await asyncio.wait({slow.task})
            assert stream.hub.connected == 1
            await quick.leaves()

    run(story)


def test_who_reconnects_is_told_what_they_missed() -> None:
    async def story() -> None:
        async with streaming() as stream:
            first = Browser(stream, token("team:1"))
            await first.reads("event: beat")
            tell("team:1", "HD-FIRST2")
            said = await first.reads("HD-FIRST2")
            await first.leaves()
            tell("team:1", "HD-SECND2")
            number = next(line for line in said.split("\n") if line.startswith("id: "))[4:]
            again = Browser(stream, token("team:1"), since=number)
            assert "HD-FIRST2" not in await again.reads("HD-SECND2")
            await again.leaves()

    run(story)


def test_nothing_odd_in_since_breaks_the_stream() -> None:
    async def story() -> None:
        async with streaming() as stream:
            for since in ("x", "-1", "9" * 40, "%F0%9F%92%A3", "1e5"):
                browser = Browser(stream, token("team:1"), since=since)
                await browser.reads("event: beat")
                await browser.leaves()

    run(story)
