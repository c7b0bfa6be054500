"""Telling what happened: handed over in no time, sent by a thread of its own.

A request waits for nothing here. What cannot be told is dropped: browsers look for themselves, too.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence

from tickets.live.carrying import Away, carrier
from tickets.live.topics import Message, merged

logger = logging.getLogger(__name__)
MOMENT, MOST, FAREWELL = 0.03, 10_000, 0.5  # seconds, messages, seconds
Carry = Callable[[Sequence[Message]], None]


class Publisher:
    """Collects for a moment, then lets ``carry`` send; begins anew in a process that was forked."""

    def __init__(self, carry: Carry) -> None:
        self._carry = carry
        self._begin()

    def say(self, message: Message) -> None:
        if self._process != os.getpid():
            self._begin()
        self._waiting.append(message)
        self._idle.clear()
        self._wake.set()
        if not self._thread.is_alive():
            self._start()

    def settle(self, seconds: float) -> bool:
        """Waits until everything is told; False where that took longer."""
        return self._process != os.getpid() or self._idle.wait(seconds)

    def _begin(self) -> None:
        self._process = os.getpid()
        self._waiting: deque[Message] = deque(maxlen=MOST)
        self._wake, self._idle = threading.Event(), threading.Event()
        self._idle.set()
        self._starting = threading.Lock()
        self._thread = threading.Thread()  # none yet

    def _start(self) -> None:
        with self._starting:
            if not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="live", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            self._wake.wait()
            pause.wait(MOMENT)
            self._wake.clear()
            batch = [self._waiting.popleft() for _ in range(len(self._waiting))]
            self._send(merged(batch))
            if not self._waiting:
                self._idle.set()

    def _send(self, messages: Sequence[Message]) -> None:
        try:
            if messages:
                self._carry(messages)
        except Away:
            pass  # said when it went
        except Exception as problem:
            logger.warning("Live updates are not told for a while: %s", problem)


publisher = Publisher(lambda messages: carrier().carry(messages))
say = publisher.say
atexit.register(lambda: publisher.settle(FAREWELL))
