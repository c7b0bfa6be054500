"""The browsers connected to this process, and what each is told. Pure asyncio, without Django.

Each has a short queue of its own: who takes nothing out of it is dropped and keeps nobody waiting.
What was told in the last minutes is kept, so that who was away for a moment misses nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from tickets.live.topics import Message

K = TypeVar("K")

MOST = 5_000  # connected at once
MOST_OF_ONE = 12  # windows of one person; the oldest gives way
QUEUE = 100
REMEMBERED = 5_000
# Whoever hears of a change asks for its list; two cores give a list in about six milliseconds. So
# the listeners ask by turns, each for a moment of SHARE milliseconds but within LATEST, and then are
# calm until everybody who is connected could have asked.
SHARE, SOON, LATEST = 4, 200, 2_000
TURN, CALMEST = 8, 1_000


@dataclass(frozen=True, slots=True)
class Told:
    number: int
    topics: frozenset[str]
    frame: bytes

    def is_for(self, topics: frozenset[str]) -> bool:
        return not self.topics.isdisjoint(topics)


class Client:
    """One connected browser."""

    __slots__ = ("_waiting", "_wake", "is_dropped", "topics", "user", "when_dropped")

    def __init__(self, user: int, topics: frozenset[str]) -> None:
        self.user, self.topics, self.is_dropped = user, topics, False
        self._waiting: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self.when_dropped: Callable[[], object] = lambda: None

    def put(self, frame: bytes) -> None:
        if len(self._waiting) >= QUEUE:
            self.drop()
        elif not self.is_dropped:
            self._waiting.append(frame)
            self._wake.set()

    def drop(self) -> None:
        """It connects anew, and is then told what it missed."""
        self._waiting.clear()
        self.is_dropped = True
        self._wake.set()
        self.when_dropped()

    async def take(self) -> bytes:
        """Everything that waits, as soon as anything does; nothing once it was dropped."""
        await self._wake.wait()
        self._wake.clear()
        frames = b"".join(self._waiting)
        self._waiting.clear()
        return frames


class Hub:
    """``clock`` tells the seconds since 1970; numbers of what is told grow with it."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._by_topic: dict[str, dict[Client, None]] = {}
        self._by_user: dict[int, dict[Client, None]] = {}
        self._told: deque[Told] = deque(maxlen=REMEMBERED)
        self._last = 0
        self._known_since = self._number()
        self.connected = 0
        self.hears = False

    def join(self, user: int, topics: Iterable[str], since: int | None = None) -> Client:
        """A new client; what was told after ``since`` waits for it already."""
        client = Client(user, frozenset(topics))
        its = self._by_user.setdefault(user, {})
        while len(its) >= MOST_OF_ONE:
            oldest = next(iter(its))
            self.leave(oldest)
            oldest.drop()
        self._by_user.setdefault(user, {})[client] = None
        for topic in client.topics:
            self._by_topic.setdefault(topic, {})[client] = None
        self.connected += 1
        if since is not None:
            self._catch_up(client, since)
        return client

    def leave(self, client: Client) -> None:
        its = self._by_user.get(client.user, {})
        if client not in its:
            return
        self.connected -= 1
        _forget(self._by_user, client.user, client)
        for topic in client.topics:
            _forget(self._by_topic, topic, client)

    def deliver(self, message: Message) -> None:
        """Tells everybody who listens to one of its topics, once."""
        listeners = dict.fromkeys(each for topic in message.topics for each in self._on(topic))
        said = message.told(min(max(SOON, SHARE * len(listeners)), LATEST), self._calm())
        number = self._number()
        told = Told(number, message.topics, frame(number, message.kind, said))
        if len(self._told) == REMEMBERED:
            self._known_since = self._told[0].number
        self._told.append(told)
        for client in listeners:
            client.put(told.frame)

    def begin(self) -> None:
        """From now on everything is heard; what came before is not known."""
        self.hears, self._known_since = True, self._number()
        self._told.clear()

    def fall_silent(self) -> None:
        """Nothing is heard any more: whoever stays would wait in vain, so everybody is let go."""
        self.hears = False
        for client in [each for its in self._by_user.values() for each in its]:
            self.leave(client)
            client.drop()

    def _catch_up(self, client: Client, since: int) -> None:
        missed = [each for each in self._told if each.number > since and each.is_for(client.topics)]
        if since < self._known_since or len(missed) >= QUEUE:
            said = f'{{"within":{LATEST},"calm":{self._calm()}}}'
            client.put(frame(self._last, "missed", said))
            return
        for told in missed:
            client.put(told.frame)

    def _calm(self) -> int:
        return max(TURN * self.connected, CALMEST)

    def _on(self, topic: str) -> Iterator[Client]:
        return iter(self._by_topic.get(topic, {}))

    def _number(self) -> int:
        self._last = max(self._last + 1, int(self._clock() * 1000))
        return self._last


def frame(number: int, kind: str, data: str) -> bytes:
    """One server-sent event."""
    return f"id: {number}\nevent: {kind}\ndata: {data}\n\n".encode()


def _forget(by: dict[K, dict[Client, None]], key: K, client: Client) -> None:
    its = by.get(key, {})
    its.pop(client, None)
    if not its:
        by.pop(key, None)
