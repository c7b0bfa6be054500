"""Worker, timers and web in one process: the zero-set-up shape."""

import logging
import socket
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn
from celery import Celery
from celery._state import get_current_app
from celery.beat import EmbeddedService
from celery.worker import WorkController

logger = logging.getLogger(__name__)
PATIENCE = 5.0  # seconds that a stop waits for a thread that hangs, such as on a broker away


class Timers:
    """A Celery worker and its beat on threads of this process, over the in-memory broker.

    The rows hold the truth, so a stop at any moment loses nothing: the next sweep sees them.
    """

    def __init__(self, app: Celery | None = None) -> None:
        self.app = app or get_current_app()
        self.worker = WorkController(
            app=self.app,
            pool_cls="threads",
            # Sweep, mail out and mail in side by side. Routing and rates, which go on batch by
            # batch, are short: who waits for them waits seconds.
            concurrency=3,
            loglevel="WARNING",
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        self.beat: Any = EmbeddedService(
            self.app, thread=True, scheduler_cls=self.app.conf.beat_scheduler
        )
        self._thread = threading.Thread(target=self.worker.start, name="worker", daemon=True)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive() and self.beat.is_alive()

    def start(self) -> None:
        self._thread.start()
        self.beat.start()

    def stop(self) -> None:
        self.beat.service.stop(wait=False)
        _within_patience(self.worker.stop)
        self._thread.join(timeout=PATIENCE)


class Watch:
    """Keeps timers running: whichever thread of theirs dies, new ones take over."""

    def __init__(self) -> None:
        self.timers = Timers()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)

    def start(self) -> None:
        self.timers.start()
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(timeout=2 * PATIENCE)
        self.timers.stop()

    def look(self) -> bool:
        """Whether the timers were running; where they were not, they are now."""
        if self.timers.alive:
            return True
        logger.error("A thread of the timers has died; they are started anew.")
        self.timers.stop()
        self.timers = Timers()
        self.timers.start()
        return False

    def _watch(self) -> None:
        while not self._stopping.wait(1):
            self.look()


class Web(uvicorn.Server):
    """The web server; Ctrl-C and SIGTERM end it without cutting off a running request."""

    def __init__(self) -> None:
        super().__init__(
            uvicorn.Config(
                "config.asgi:application",
                log_level="warning",
                lifespan="off",
                timeout_graceful_shutdown=2,
            )
        )

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """Takes the port before anything else is begun. Raises OSError in words."""
    try:
        return socket.create_server((host, port), family=_family(host), backlog=2048)
    except (OSError, OverflowError) as problem:
        raise OSError(
            f"The web server cannot use {host}:{port} ({problem}). Is something else running "
            "there? Choose another port with --port."
        ) from problem


def serve(listener: socket.socket) -> None:
    """Runs until Ctrl-C or SIGTERM, then stops timers and web in order."""
    watch = Watch()
    watch.start()
    try:
        Web().run(sockets=[listener])
    finally:
        watch.stop()


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _within_patience(call: Callable[[], object]) -> None:
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(timeout=PATIENCE)
