"""What is told live, and to whom. Pure. A message carries no content: a leak of one shows nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

EVERYTHING = "all"


class Kind(StrEnum):
    CHANGED = "changed"  # something happened on a ticket, and so in its team's queue
    PRESENCE = "presence"  # somebody came to a ticket, went, or began to write
    INCIDENT = "incident"  # something does not work for customers, or works again
    NOTICE = "notice"  # something was put before a person or taken: they may hear of more or less than before


def team(pk: int) -> str:
    return f"team:{pk}"


def person(pk: int) -> str:
    return f"user:{pk}"


def ticket(pk: int) -> str:
    return f"ticket:{pk}"


@dataclass(frozen=True, slots=True)
class Message:
    """That something happened; what it was, the reader asks for, as far as they may see it."""

    kind: Kind
    topics: frozenset[str]
    reference: str = ""
    version: int = 0
    event: int = 0

    def packed(self) -> bytes:
        """For the way from the process in which it happened to those that stream."""
        return json.dumps([self.kind, sorted(self.topics), *self._said()]).encode()

    def told(self, within: int, calm: int) -> str:
        """For the browser: ``within`` milliseconds it chooses a moment to look, and then not again
        for ``calm``, so that not all of many readers ask at once."""
        reference, version, event = self._said()
        said = {"reference": reference, "version": version, "event": event}
        return json.dumps(said | {"within": within, "calm": calm}, separators=(",", ":"))

    def _said(self) -> tuple[str, int, int]:
        return self.reference, self.version, self.event


def unpacked(raw: bytes) -> Message | None:
    """The message again; None of what is none."""
    try:
        kind, topics, reference, version, event = json.loads(raw)
        return Message(
            Kind(kind), frozenset(map(str, topics)), str(reference), int(version), int(event)
        )
    except (ValueError, TypeError):
        return None


def merged(messages: Iterable[Message]) -> list[Message]:
    """One for each ticket and kind: what happened in a moment is told once, as it ended."""
    told: dict[tuple[str, str, frozenset[str]], Message] = {}
    for each in messages:
        key = (each.kind, each.reference, frozenset() if each.reference else each.topics)
        before = told.get(key, each)
        told[key] = replace(
            each,
            topics=each.topics | before.topics,
            version=max(each.version, before.version),
            event=max(each.event, before.event),
        )
    return list(told.values())
