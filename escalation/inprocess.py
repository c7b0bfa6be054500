"""Worker, timers and web in one process: the zero-set-up shape."""

import logging
import threading
from types import FrameType
from typing import Any

import uvicorn
from celery import Celery
from celery._state import get_current_app
from celery.beat import EmbeddedService
from celery.worker import WorkController

logger = logging.getLogger(__name__)


class Timers:
    """A Celery worker and its beat on threads of this process, over the in-memory broker.

    The rows hold the truth, so a stop at any moment loses nothing: the next sweep sees them.
    """

    def __init__(self, app: Celery | None = None) -> None:
        self.app = app or get_current_app()
        self.worker = WorkController(
            app=self.app,
            pool_cls="threads",
            concurrency=2,
            loglevel="WARNING",
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        self.beat: Any = EmbeddedService(self.app, thread=True)
        self._thread = threading.Thread(target=self.worker.start, name="worker", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self.beat.start()

    def stop(self) -> None:
        self.beat.stop()
        self.worker.stop()
        self._thread.join(timeout=5)


class Web(uvicorn.Server):
    """The web server; Ctrl-C and SIGTERM end it without cutting off a running request."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            uvicorn.Config(
                "config.asgi:application",
                host=host,
                port=port,
                log_level="warning",
                lifespan="off",
                timeout_graceful_shutdown=2,
            )
        )
        self.interrupted = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.interrupted = True
        self.should_exit = True


def serve(host: str, port: int) -> None:
    """Runs until Ctrl-C or SIGTERM, then stops timers and web in order."""
    timers = Timers()
    timers.start()
    web = Web(host, port)
    try:
        web.run()
    finally:
        timers.stop()
    if not web.started:
        raise OSError(f"The web server could not use {host}:{port}; is the port taken?")
