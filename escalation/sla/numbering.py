"""Which cycle is which: a wait keeps its number though a fact that comes late is put before it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from escalation.sla.values import Metric
from escalation.sla.waiting import Wait

# The others are told apart by their subject, or by what can only happen in order.
COUNTED = (Metric.NEXT_REPLY, Metric.UPDATE)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A cycle as it was stored: its number, and where its wait began."""

    metric: Metric
    cycle: int
    started_at: datetime


def renumbered(waits: Sequence[Wait], numbered: Iterable[Numbered]) -> list[Wait]:
    """The same waits, each under the number of the stored cycle that lies within it.

    A mail that was received early and read late begins a wait before others, or begins one of them
    earlier; what was recorded of a cycle stays that cycle's (rules 3 and 12). Waits of which
    nothing was stored get the numbers after the last one.
    """
    known = sorted(numbered, key=lambda each: each.cycle)
    found = list(waits)
    for metric in COUNTED:
        cycles = [each for each in known if each.metric is metric]
        places = [index for index, wait in enumerate(found) if wait.metric is metric]
        if cycles:
            numbers = _numbers([found[index] for index in places], cycles)
            for index, number in zip(places, numbers, strict=True):
                found[index] = replace(found[index], cycle=number)
    return found


def _numbers(waits: Sequence[Wait], cycles: Sequence[Numbered]) -> list[int]:
    """The number of each wait. Where one begins as it was stored, that goes before all else.

    Of several that begin in one instant all but the last are over in it, and may have come before
    there was a target, so that nothing was stored of them: they are matched from the last one back.
    """
    given: dict[int, int] = {}
    left = list(cycles)
    forward = range(len(waits))
    for fits, order in ((_begins_at, -1), (_lies_around, 1)):
        for each in left[::order]:
            places = (place for place in forward[::order] if place not in given)
            place = next((at for at in places if fits(waits[at], each.started_at)), None)
            if place is not None:
                given[place] = each.cycle
                left.remove(each)
    fresh = count(max(each.cycle for each in cycles) + 1)
    return [given[place] if place in given else next(fresh) for place in range(len(waits))]


def _begins_at(wait: Wait, at: datetime) -> bool:
    return at == min([wait.started_at, *(origin for _, origin in wait.shifts)])


def _lies_around(wait: Wait, at: datetime) -> bool:
    return wait.started_at <= at and (wait.ended_at is None or at < wait.ended_at)
