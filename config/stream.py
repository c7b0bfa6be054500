"""The live-update stream: server-sent events straight from ASGI, ahead of Django and without it.

``uvicorn config.stream:application`` serves it alone; ``config.asgi`` mounts it before the pages.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings

from config import env
from tickets.live.hub import MOST, Client, Hub
from tickets.live.listening import Ear
from tickets.live.tokens import Grant, read

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

PATH = "/live/stream/"
# Seconds: a sign of life, so that neither side waits at a dead line; and how long a browser may
# take in what it is sent before it is let go.
BEAT, STALL = 20, 15
# Says nothing but that the line holds; it has no number, for there is nothing in it to miss.
LIFE = b"event: beat\ndata: {}\n\n"
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class Stream:
    """An ASGI application: one long answer for each browser with a token that holds."""

    def __init__(self) -> None:
        self.hub = Hub()
        self._ear = Ear(self.hub)

    def takes(self, scope: Scope) -> bool:
        return bool(scope["type"] == "http" and scope["path"] == PATH)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Listening begins before the first browser comes, so that nothing is missed by it."""
        while True:
            said = (await receive())["type"]
            if said == "lifespan.startup":
                self._ear.open()
            elif said == "lifespan.shutdown":
                self._ear.close()
            await send({"type": f"{said}.complete"})
            if said == "lifespan.shutdown":
                return

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._ear.open()
        if scope["path"] == "/healthz":
            status = 200 if await self._ear.hears() else 503
            await _say(send, status, f"{self.hub.connected} connected")
        elif not self.takes(scope):
            await _say(send, 404, "There is nothing at this address.")
        elif scope["method"] != "GET":
            await _say(send, 405, "Only GET.")
        else:
            await self._admit(scope, receive, send)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = parse_qs(scope["query_string"].decode("latin-1"))
        grant = read(asked.get("token", [""])[0], settings.SECRET_KEY, now=time.time())
        if grant is None:
            await _say(send, 403, "This token opens nothing.")
        elif not await self._ear.hears() or self.hub.connected >= MOST:
            await _say(send, 503, "Not now.")
        else:
            await self._stream(grant, _number(asked.get("since", [""])[0]), receive, send)

    async def _stream(self, grant: Grant, since: int | None, receive: Receive, send: Send) -> None:
        """Until the browser leaves, is let go, or its token ends."""
        client = self.hub.join(grant.user, grant.topics, since)
        pouring = asyncio.create_task(_pour(client, send))
        leaving = asyncio.create_task(_left(receive))
        client.when_dropped = pouring.cancel  # it may hang in what the browser does not take in
        left = max(grant.until - time.time(), 0)
        try:
            await asyncio.wait(
                {pouring, leaving}, timeout=left, return_when=asyncio.FIRST_COMPLETED
            )
        except asyncio.CancelledError:
            pass  # the server stops: the answer ends in order
        finally:
            is_gone = leaving.done()
            self.hub.leave(client)
            pouring.cancel()
            leaving.cancel()
            await asyncio.gather(pouring, leaving, return_exceptions=True)
        if not is_gone:
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await send({"type": "http.response.body", "body": b""})


async def _pour(client: Client, send: Send) -> None:
    """Until it is dropped, or takes nothing in any more."""
    await send(_head(200, b"text/event-stream; charset=utf-8"))
    said = LIFE
    while not client.is_dropped:
        async with asyncio.timeout(STALL):
            await send({"type": "http.response.body", "body": said, "more_body": True})
        try:
            async with asyncio.timeout(BEAT):
                said = await client.take()
        except TimeoutError:
            said = LIFE


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _say(send: Send, status: int, words: str) -> None:
    await send(_head(status, b"text/plain; charset=utf-8"))
    await send({"type": "http.response.body", "body": f"{words}\n".encode()})


def _head(status: int, kind: bytes) -> Mapping[str, Any]:
    """Not kept, not collected on the way; and for pages of ours alone, if it has a host of its own."""
    headers = {
        b"content-type": kind,
        b"cache-control": b"no-store",
        b"x-accel-buffering": b"no",
        b"x-content-type-options": b"nosniff",
        b"access-control-allow-origin": env.origin(settings.BASE_URL).encode(),
    }
    return {"type": "http.response.start", "status": status, "headers": list(headers.items())}


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


application = Stream()
