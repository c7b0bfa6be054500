"""The stream's ear: what other processes tell reaches the hub, and silence is noticed."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Any

import redis.asyncio
from django.conf import settings
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from tickets.live.carrying import channel, is_within_the_process, within_the_process
from tickets.live.hub import Hub
from tickets.live.topics import Message, unpacked

logger = logging.getLogger(__name__)
# Seconds: how often Redis is asked for a sign of life, how long it may take, how long is waited
# before it is tried again, and how long the first browser waits for the first connection.
ASK, PATIENCE, AGAIN, FIRST = 3, 6, 1.0, 1.0


class Ear:
    """Keeps ``hub`` hearing, on the loop on which it was opened."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changed = asyncio.Event()

    def open(self) -> None:
        """Begins to listen; does nothing where it does already."""
        loop = asyncio.get_running_loop()
        if self._loop is loop and (is_within_the_process() or not _ended(self._task)):
            return
        self._loop, self._changed = loop, asyncio.Event()
        if is_within_the_process():
            within_the_process.hear(self._hear)
            self._begin()
        else:
            self._task = loop.create_task(self._listen())

    def close(self) -> None:
        within_the_process.unhear(self._hear)
        if self._task:
            self._task.cancel()
        self._hub.fall_silent()
        self._loop = None

    async def hears(self) -> bool:
        """Whether anything that happens would be heard; just after the start it waits for it."""
        if not self._hub.hears:
            try:
                async with asyncio.timeout(FIRST):
                    await self._changed.wait()
            except TimeoutError:
                return False
        return self._hub.hears

    def _begin(self) -> None:
        self._hub.begin()
        self._changed.set()

    def _hear(self, message: Message) -> None:
        """Called on any thread; a loop that has ended hears nothing more."""
        try:
            if self._loop:
                self._loop.call_soon_threadsafe(self._hub.deliver, message)
        except RuntimeError:
            within_the_process.unhear(self._hear)

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_once()
            except (RedisError, OSError, TimeoutError) as problem:
                if self._hub.hears:
                    logger.warning("The stream hears nothing from Redis: %s", problem)
            self._hub.fall_silent()
            await asyncio.sleep(AGAIN * random.uniform(0.5, 1.5))

    async def _listen_once(self) -> None:
        client = redis.asyncio.Redis.from_url(
            settings.CELERY_BROKER_URL, socket_connect_timeout=ASK, socket_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )  # fmt: skip
        try:
            async with client.pubsub() as pubsub, asyncio.timeout(None) as patience:
                await pubsub.subscribe(channel())
                await self._hear_all(pubsub, patience)
        finally:
            await client.aclose()

    async def _hear_all(self, pubsub: Any, patience: asyncio.Timeout) -> None:
        """Ends by TimeoutError when Redis does not even answer a ping."""
        loop = asyncio.get_running_loop()
        patience.reschedule(loop.time() + PATIENCE)
        while True:
            said = await pubsub.get_message(timeout=ASK)
            if said is None:
                await pubsub.ping()
                continue
            patience.reschedule(loop.time() + PATIENCE + ASK)
            if said["type"] == "subscribe":
                self._begin()
            elif said["type"] == "message" and (message := unpacked(said["data"])):
                self._hub.deliver(message)


def _ended(task: asyncio.Task[None] | None) -> bool:
    return task is None or task.done()
