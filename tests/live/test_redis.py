"""Over a real Redis: presence in several processes, messages between them, junk, and Redis away."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest
import redis

from tests.desk.conftest import Opener, opened
from tests.faults.conftest import _servers_are_here, redis_server
from tests.faults.servers import Redis
from tests.live.running import run
from tickets.live import presence
from tickets.live.carrying import Away, Link, OverRedis, channel
from tickets.live.hub import Hub
from tickets.live.listening import Ear
from tickets.live.presence import Doing
from tickets.live.topics import Kind, Message
from tickets.models import Ticket
from tickets.people.models import User

__all__ = ["_servers_are_here", "opened", "redis_server"]
pytestmark = pytest.mark.servers


@pytest.fixture(autouse=True)
def _over_redis(redis_server: Redis, settings: Any) -> None:
    redis_server.flush()
    settings.CELERY_BROKER_URL = redis_server.url


def others(ticket: Ticket, user: User, doing: Doing = Doing.READING, now: float = 0) -> list[str]:
    company = presence.beat(
        ticket=ticket, user=user, window="w1", doing=doing, now=now or time.time()
    )
    return [f"{each.name} {each.doing}" for each in company.others]


def test_each_sees_the_other_through_redis(cast: SimpleNamespace, opened: Opener) -> None:
    ticket = opened()
    assert others(ticket, cast.ana) == []
    assert others(ticket, cast.ben, Doing.REPLY) == ["Ana reading"]
    assert others(ticket, cast.ana) == ["Ben reply"]
    assert others(opened(subject="Another"), cast.ana) == []


def test_who_fell_silent_is_forgotten_and_swept_away(
    cast: SimpleNamespace, opened: Opener, redis_server: Redis
) -> None:
    ticket = opened()
    others(ticket, cast.ben, now=time.time() - 100)
    assert others(ticket, cast.ana) == []
    kept = redis.Redis(port=redis_server.port).hkeys(f"{channel()}.on.{ticket.pk}")
    assert kept == [f"{cast.ana.pk}:w1".encode()]


def test_junk_where_presence_is_kept_is_passed_over(
    cast: SimpleNamespace, opened: Opener, redis_server: Redis
) -> None:
    ticket, client = opened(), redis.Redis(port=redis_server.port)
    for name, raw in {"a": b"{}", "b": b"\xff", "c": b'[1,2,"dancing",1]'}.items():
        client.hset(f"{channel()}.on.{ticket.pk}", name, raw)
    assert others(ticket, cast.ana) == []


def test_redis_away_shows_nobody_and_is_left_in_peace(
    cast: SimpleNamespace, opened: Opener, redis_server: Redis
) -> None:
    ticket = opened()
    others(ticket, cast.ben)
    redis_server.freeze()
    try:
        link = presence.link()
        assert others(ticket, cast.ana) == []
        with pytest.raises(Away):
            link.attempt()
        start = time.monotonic()
        for _ in range(100):
            others(ticket, cast.ana)
        assert time.monotonic() - start < 5  # each that tried would take a quarter of a second
    finally:
        redis_server.thaw()


def test_what_one_process_tells_the_streams_of_others_hear(redis_server: Redis) -> None:
    async def story() -> None:
        hubs = [Hub(), Hub()]
        ears = [Ear(hub) for hub in hubs]
        for ear in ears:
            ear.open()
        assert all([await ear.hears() for ear in ears])
        clients = [hub.join(1, ["team:1"]) for hub in hubs]
        redis.Redis(port=redis_server.port).publish(channel(), b"junk \xff")
        message = Message(Kind.CHANGED, frozenset({"team:1"}), "HD-ABC234", 2, 3)
        OverRedis(Link(redis_server.url)).carry([message])
        async with asyncio.timeout(5):
            for client in clients:
                assert b"HD-ABC234" in await client.take()
        for ear in ears:
            ear.close()

    run(story())
