"""Who is on a ticket at this moment, reading or writing: in Redis, or in the one process's memory.

Nothing of it is kept: each window says again and again that it is there, and is forgotten otherwise.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import redis

from tickets.live import topics
from tickets.live.carrying import Away, Link, channel, is_within_the_process, link
from tickets.live.publishing import say
from tickets.live.topics import Kind, Message
from tickets.models import Ticket
from tickets.people.models import User

# Seconds: a window that is open says so every twenty; one that closed may be on its way back.
STAYS, LEAVES = 45, 2
MOST_ON_A_TICKET, MOST_OF_ONE = 100, 8
_FORGOTTEN = 300


class Doing(StrEnum):
    """The later ones tell more: who writes in one window and reads in another one writes."""

    AWAY = "away"
    READING = "reading"
    NOTE = "note"
    PROGRESS = "progress"
    REPLY = "reply"


_RANK = {each: place for place, each in enumerate(Doing)}


@dataclass(frozen=True, slots=True)
class Stay:
    """One window of one person."""

    user: int
    name: str
    doing: Doing
    until: float


Stays = dict[str, Stay]


class Book(Protocol):
    """Where it is written down who is where."""

    def enter(self, ticket: int, window: str, stay: Stay) -> Stays:
        """Who was there before."""


class Memory:
    def __init__(self) -> None:
        self._stays: dict[int, Stays] = {}
        self._lock = threading.Lock()

    def enter(self, ticket: int, window: str, stay: Stay) -> Stays:
        now = time.time()
        with self._lock:
            self._stays = {
                key: left for key, each in self._stays.items() if (left := lasting(each, now))
            }
            before = dict(self._stays.get(ticket, {}))
            if fits(before, window, stay):
                self._stays.setdefault(ticket, {})[window] = stay
        return before


class InRedis:
    def __init__(self, link: Link) -> None:
        self._link = link

    def enter(self, ticket: int, window: str, stay: Stay) -> Stays:
        key, now = f"{channel()}.on.{ticket}", time.time()
        with self._link.attempt() as client:
            written: Mapping[bytes, bytes] = client.hgetall(key)  # type: ignore[assignment]
            everybody = {name.decode(): _read(raw) for name, raw in written.items()}
            before = lasting({name: each for name, each in everybody.items() if each}, now)
            pipe = client.pipeline(transaction=False)
            if gone := everybody.keys() - before.keys():
                pipe.hdel(key, *gone)
            if fits(before, window, stay):
                pipe.hset(key, window, json.dumps([stay.user, stay.name, stay.doing, stay.until]))
            pipe.expire(key, _FORGOTTEN)
            pipe.execute()
        return before


@dataclass(frozen=True, slots=True)
class Company:
    """The others on a ticket, and in how many milliseconds that may have changed by itself."""

    others: list[Stay]
    again: int | None


memory = Memory()


def beat(*, ticket: Ticket, user: User, window: str, doing: Doing, now: float) -> Company:
    """Says that ``user`` is on ``ticket``; tells the others where that is news. Returns the others.

    ``window`` tells several of one person apart. Without Redis nobody seems to be there.
    """
    lasts = LEAVES if doing is Doing.AWAY else STAYS
    window, stay = f"{user.pk}:{window}", Stay(user.pk, user.name[:80], doing, now + lasts)
    try:
        before = _book().enter(ticket.pk, window, stay)
    except (redis.RedisError, Away):
        return Company([], None)
    known = before.get(window)
    if known is None or known.doing != doing:
        said = frozenset({topics.ticket(ticket.pk)})
        say(Message(Kind.PRESENCE, said, ticket.reference))
    return company(before.values(), but=user.pk, now=now)


def company(stays: Iterable[Stay], *, but: int, now: float) -> Company:
    """One stay for each person, the most telling of theirs, by name."""
    others = sorted(
        (each for each in stays if each.user != but), key=lambda each: _RANK[each.doing]
    )
    found = {each.user: each for each in others}
    ends = [each.until for each in others if each.doing is Doing.AWAY]
    again = int((min(ends) - now) * 1000) + 100 if ends else None
    return Company(sorted(found.values(), key=lambda each: (each.name, each.user)), again)


def lasting(stays: Stays, now: float) -> Stays:
    return {name: each for name, each in stays.items() if each.until > now}


def fits(before: Stays, window: str, stay: Stay) -> bool:
    """A window more than anybody has, or a person more than a ticket ever has, is not written."""
    if window in before:
        return True
    its = sum(each.user == stay.user for each in before.values())
    return its < MOST_OF_ONE and len(before) < MOST_ON_A_TICKET


def _book() -> Book:
    return memory if is_within_the_process() else InRedis(link())


def _read(raw: bytes) -> Stay | None:
    try:
        user, name, doing, until = json.loads(raw)
        return Stay(int(user), str(name), Doing(doing), float(until))
    except (ValueError, TypeError):
        return None
