"""How messages travel: over Redis between processes, or within the one process of the small shape.

Nobody who asks for a page waits for Redis: short timeouts, and after a failure a rest.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Sequence
from functools import cache
from typing import Protocol

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from tickets.live.topics import Message

PATIENCE, REST = 0.25, 5.0  # seconds
Hear = Callable[[Message], None]


class Carrier(Protocol):
    def carry(self, messages: Sequence[Message]) -> None:
        """Hands the messages to every process that streams. Raises what went wrong, at once."""


class WithinTheProcess:
    """Calls whoever hears, on the thread of who tells."""

    def __init__(self) -> None:
        self._hearing: set[Hear] = set()

    def hear(self, hear: Hear) -> None:
        self._hearing.add(hear)

    def unhear(self, hear: Hear) -> None:
        self._hearing.discard(hear)

    def carry(self, messages: Sequence[Message]) -> None:
        for hear in list(self._hearing):
            for each in messages:
                hear(each)


class OverRedis:
    def __init__(self, link: Link) -> None:
        self._link = link

    def carry(self, messages: Sequence[Message]) -> None:
        with self._link.attempt() as client:
            pipe = client.pipeline(transaction=False)
            for each in messages:
                pipe.publish(channel(), each.packed())
            pipe.execute()


class Away(ConnectionError):
    """Redis failed a moment ago and is left in peace."""


class Link:
    """Redis, for who must not wait: what fails once is not tried again for ``REST`` seconds."""

    def __init__(self, url: str) -> None:
        self._rests_until = 0.0
        self._client = redis.Redis.from_url(
            url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )  # fmt: skip

    def attempt(self) -> Attempt:
        if time.monotonic() < self._rests_until:
            raise Away("Redis failed a moment ago.")
        return Attempt(self._client, self._rest)

    def _rest(self) -> None:
        self._rests_until = time.monotonic() + REST


class Attempt:
    def __init__(self, client: redis.Redis, failed: Callable[[], None]) -> None:
        self._client, self._failed = client, failed

    def __enter__(self) -> redis.Redis:
        return self._client

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind and issubclass(kind, redis.RedisError):
            self._failed()


within_the_process = WithinTheProcess()
_lock = threading.Lock()


def is_within_the_process() -> bool:
    """Whether web, worker and stream are one process, as without a broker."""
    return bool(settings.CELERY_BROKER_URL.startswith("memory:"))


def carrier() -> Carrier:
    return within_the_process if is_within_the_process() else _over(settings.CELERY_BROKER_URL)


def link() -> Link:
    with _lock:
        return _linked(settings.CELERY_BROKER_URL)


def channel() -> str:
    """Of this installation alone, whoever else uses the same Redis: its numbers keep nobody apart."""
    said = f"{settings.SECRET_KEY} {settings.DATABASES['default']['NAME']}"
    return f"helpdesk.live.{hashlib.sha256(said.encode()).hexdigest()[:16]}"


@cache
def _over(url: str) -> OverRedis:
    return OverRedis(link())


@cache
def _linked(url: str) -> Link:
    return Link(url)
