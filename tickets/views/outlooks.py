"""What a change would do to many tickets, summed up for who is about to do it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tickets.services import bulk


@dataclass(frozen=True, slots=True)
class Summary:
    """What would happen to how many, and why to others nothing."""

    changing: list[bulk.Outlook]
    lines: list[tuple[str, str, str, int]]
    alone: list[tuple[str, list[bulk.Outlook]]]


def summed(outlooks: Iterable[bulk.Outlook]) -> Summary:
    """Each line of what changes with how many it is said of, the most first."""
    changing: list[bulk.Outlook] = []
    alone: dict[str, list[bulk.Outlook]] = {}
    lines: Counter[tuple[str, str, str]] = Counter()
    for outlook in outlooks:
        if outlook.why:
            alone.setdefault(outlook.why, []).append(outlook)
            continue
        changing.append(outlook)
        lines.update((each.what, each.before, each.after) for each in outlook.changes)
    return Summary(changing, [(*line, n) for line, n in lines.most_common()], [*alone.items()])
