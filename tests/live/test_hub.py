"""The hub: each hears only its topics, a slow one is let go, who was away is told what they missed."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from tests.live import running
from tickets.live import hub as hubs
from tickets.live.hub import Client, Hub
from tickets.live.topics import Kind, Message


def told(topic: str, reference: str = "HD-ABC234", version: int = 1) -> Message:
    return Message(Kind.CHANGED, frozenset({topic}), reference, version, version)


def hearing(clock: Callable[[], float] = lambda: 1000.0) -> Hub:
    hub = Hub(clock)
    hub.begin()
    return hub


def run(story: Coroutine[Any, Any, None]) -> None:
    async def within_time() -> None:
        async with asyncio.timeout(5):
            await story

    running.run(within_time())


async def taken(client: Client) -> str:
    return (await client.take()).decode()


def waits(client: Client) -> bool:
    return client._wake.is_set()


def test_each_hears_only_what_they_may() -> None:
    async def story() -> None:
        hub = hearing()
        support, billing = hub.join(1, ["team:1"]), hub.join(2, ["team:2"])
        hub.deliver(told("team:1"))
        assert "event: changed" in await taken(support)
        assert not waits(billing)

    run(story())


def test_a_message_for_two_topics_of_one_client_comes_once() -> None:
    async def story() -> None:
        hub = hearing()
        client = hub.join(1, ["team:1", "user:1"])
        hub.deliver(Message(Kind.CHANGED, frozenset({"team:1", "user:1"}), "HD-ABC234", 2, 2))
        assert (await taken(client)).count("event:") == 1

    run(story())


def test_who_takes_nothing_is_dropped_and_keeps_nobody_waiting() -> None:
    async def story() -> None:
        hub = hearing()
        slow, quick = hub.join(1, ["team:1"]), hub.join(2, ["team:1"])
        heard = ""
        for version in range(hubs.QUEUE + 1):
            hub.deliver(told("team:1", version=version))
            heard += await taken(quick)
        assert heard.count("event: changed") == hubs.QUEUE + 1
        assert slow.is_dropped
        assert not quick.is_dropped
        assert await taken(slow) == ""

    run(story())


def test_who_comes_back_is_told_what_they_missed_and_nothing_else() -> None:
    async def story() -> None:
        hub = hearing()
        client = hub.join(1, ["team:1"])
        hub.deliver(told("team:1", "HD-FIRST2"))
        since = int((await taken(client)).split("\n")[0].removeprefix("id: "))
        hub.leave(client)
        hub.deliver(told("team:1", "HD-SECND2"))
        hub.deliver(told("team:2", "HD-THIRD2"))
        heard = await taken(hub.join(1, ["team:1"], since))
        assert "HD-SECND2" in heard
        assert "HD-FIRST2" not in heard
        assert "HD-THIRD2" not in heard

    run(story())


def test_who_was_away_longer_than_is_remembered_is_told_to_look() -> None:
    async def story() -> None:
        hub = hearing(lambda: 1000.0)
        assert "event: missed" in await taken(hub.join(1, ["team:1"], 999_999))
        assert not waits(hub.join(1, ["team:1"], 1_000_001))
        since = 1_000_001
        for version in range(hubs.QUEUE):
            hub.deliver(told("team:1", version=version))
        assert "event: missed" in await taken(hub.join(1, ["team:1"], since))

    run(story())


def test_the_memory_has_an_end_and_knows_it() -> None:
    async def story() -> None:
        hub = hearing()
        since = hub._number()
        for version in range(hubs.REMEMBERED + 1):
            hub.deliver(told("team:2", version=version))
        assert "event: missed" in await taken(hub.join(1, ["team:1"], since))

    run(story())


def test_one_person_has_so_many_windows_and_the_oldest_gives_way() -> None:
    async def story() -> None:
        hub = hearing()
        windows = [hub.join(1, ["team:1"]) for _ in range(hubs.MOST_OF_ONE + 1)]
        assert [each.is_dropped for each in windows] == [True] + [False] * hubs.MOST_OF_ONE
        assert hub.connected == hubs.MOST_OF_ONE

    run(story())


def test_many_readers_are_asked_to_look_at_moments_of_their_own() -> None:
    async def story() -> None:
        hub = hearing()
        alone = hub.join(1, ["team:1"])
        hub.deliver(told("team:1"))
        assert '"within":200,"calm":1000' in await taken(alone)
        crowd = [hub.join(user, ["team:2"]) for user in range(2, 502)]
        hub.deliver(told("team:2"))
        assert '"within":2000,"calm":4008' in await taken(crowd[0])

    run(story())


def test_in_silence_everybody_is_let_go_and_nothing_is_left_behind() -> None:
    async def story() -> None:
        hub = hearing()
        clients = [hub.join(user, ["team:1", f"user:{user}"]) for user in range(5)]
        hub.fall_silent()
        assert all(each.is_dropped for each in clients)
        assert (hub.connected, hub.hears, hub._by_topic, hub._by_user) == (0, False, {}, {})

    run(story())
