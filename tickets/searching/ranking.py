"""Which ticket comes first: where the words stand counts, and how long ago that was; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

HALF_LIFE = timedelta(days=120)
# In its subject, with its customer, in something that was said on it.
SUBJECT, CUSTOMER, SAID = 3.0, 2.0, 1.0
_EACH_MORE, _MOST_MORE = 0.2, 1.0


@dataclass(slots=True)
class Hit:
    """A ticket that was found: where, how often, and when its newest line was."""

    ticket: int
    at: datetime
    strength: float = 0.0
    messages: list[int] = field(default_factory=list)

    def score(self, now: datetime) -> float:
        more = min(_MOST_MORE, _EACH_MORE * max(0, len(self.messages) - 1))
        age = max(now - self.at, timedelta())
        return float((self.strength + more) * 0.5 ** (age / HALF_LIFE))


def hits_of(found: Iterable[tuple[int, int, datetime, float]]) -> list[Hit]:
    """One hit a ticket of (ticket, message or 0, instant, strength), its best message first."""
    hits: dict[int, Hit] = {}
    best: dict[int, float] = {}
    for ticket, message, at, strength in found:
        hit = hits.setdefault(ticket, Hit(ticket, at))
        hit.at = max(hit.at, at)
        hit.strength = max(hit.strength, strength)
        if message and message not in hit.messages:
            hit.messages.insert(0 if strength > best.get(ticket, 0) else len(hit.messages), message)
            best[ticket] = max(best.get(ticket, 0), strength)
    return list(hits.values())


def ranked(hits: Iterable[Hit], now: datetime) -> list[Hit]:
    """Best first; of equals the newer."""
    return sorted(hits, key=lambda hit: (hit.score(now), hit.at, hit.ticket), reverse=True)
