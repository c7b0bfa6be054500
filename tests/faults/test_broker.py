"""Redis stopped, frozen and flushed: requests answer, nothing is lost, and it is caught up."""

import logging
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import kombu
import psycopg
import pytest

from config.celery import app
from tests.faults.servers import Redis, free_port, running, wait_until

# Seconds. A request that waited for a frozen Redis would never end; the figure is printed.
CAUGHT_UP, NO_WAIT = 60, 5


def breaches(address: str) -> int:
    with psycopg.connect(address) as link:
        row = link.execute("SELECT count(*) FROM escalation_clockstep WHERE kind = 'breach'")
        return int(row.fetchone()[0])  # type: ignore[index]


def slowest(port: int, seconds: float) -> float:
    """The slowest of many requests that read the database, over ``seconds``."""
    until, worst = time.monotonic() + seconds, 0.0
    while time.monotonic() < until:
        start = time.monotonic()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=10) as page:
            assert page.status == 200
        worst = max(worst, time.monotonic() - start)
    return worst


@pytest.fixture
def web_worker_and_beat(environment: dict[str, str], tmp_path: Path) -> Iterator[int]:
    port, log = free_port(), tmp_path / "log"
    celery = ("-m", "celery", "-A", "config")
    with ExitStack() as stack:
        for arguments in (
            ("-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}"),
            (*celery, "worker", "--concurrency", "1", "--loglevel", "INFO"),
            (*celery, "beat"),
        ):
            stack.enter_context(running(*arguments, environment=environment, log=log))
        yield port


def break_by_stopping(server: Redis) -> Callable[[], None]:
    server.stop()
    return server.start


def break_by_freezing(server: Redis) -> Callable[[], None]:
    server.freeze()
    return server.thaw


def break_by_flushing(server: Redis) -> Callable[[], None]:
    server.flush()
    return server.flush


@pytest.mark.servers
def test_a_task_taken_while_the_broker_is_frozen_does_not_keep_the_worker_from_the_next(
    redis_server: Redis,
) -> None:
    # As the worker takes one: it may hold one message, and only logs what goes wrong with it.
    taken: list[kombu.Message] = []
    options = app.conf.broker_transport_options
    with app.connection_for_read(redis_server.url, transport_options=options) as link:
        queue = kombu.Queue("frozen", channel=link.default_channel)
        consumer = link.Consumer(queue, on_message=taken.append, prefetch_count=1)
        for body in ("first", "second"):
            link.Producer().publish(body, routing_key="frozen", declare=[queue])
        with consumer:
            link.drain_events(timeout=5)
            redis_server.freeze()
            taken[0].ack_log_error(logging.getLogger(), link.connection_errors)
            redis_server.thaw()
            link.drain_events(timeout=5)
    assert [message.payload for message in taken] == ["first", "second"]


@pytest.mark.servers
@pytest.mark.parametrize("breaking", [break_by_stopping, break_by_freezing, break_by_flushing])
def test_a_broken_broker_slows_no_request_and_loses_no_deadline(
    breaking: Callable[[Redis], Callable[[], None]],
    web_worker_and_beat: int,
    environment: dict[str, str],
    redis_server: Redis,
    scene: Callable[..., None],
) -> None:
    address = environment["DATABASE_URL"]
    scene("due", 5, -5)
    wait_until(lambda: breaches(address) == 5, 30, "the first deadlines are acted on")
    slowest(web_worker_and_beat, 1)  # the first request loads the templates
    mend = breaking(redis_server)
    scene("due", 20, -5)
    worst = slowest(web_worker_and_beat, 4)
    mend()
    took = wait_until(lambda: breaches(address) == 25, CAUGHT_UP, "the rest is caught up")
    assert worst <= NO_WAIT, f"a request took {worst:.2f} s"
    print(f"{breaking.__name__}: slowest request {worst * 1000:.0f} ms, caught up in {took:.1f} s")
