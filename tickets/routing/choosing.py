"""Whom a ticket goes to, and why, in words; pure, so that a preview chooses as the deed does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tickets.people.models import Team, User
from tickets.routing.hands import Hand

Way = Team.Assignment


@dataclass(frozen=True, slots=True)
class Choice:
    """A person, or nobody; and the reason for the ticket's history."""

    person: User | None
    because: str


def choose(
    *,
    way: str,
    hands: Sequence[Hand],
    needed: Mapping[int, str],
    last: int | None,
    without_skill: bool = False,
    only: User | None = None,
) -> Choice:
    """One of ``hands``, by ``way``; of equals, whoever comes after ``last`` in the ring. ``only``
    that person, where somebody chose them.

    Who is out, is full or lacks a skill in ``needed`` is never chosen; ``without_skill`` lets
    those at work without it have the ticket where nobody at work has it.
    """
    if only is not None:
        hands = [hand for hand in hands if hand.person == only]
        if why := _why_not(only, hands):
            return Choice(None, why)
    if not hands:
        return Choice(None, "nobody in the team takes tickets")
    at_work = [hand for hand in hands if hand.absence is None]
    if not at_work:
        return Choice(None, "everybody who takes tickets is out")
    skilled = [hand for hand in at_work if needed.keys() <= hand.skills]
    who_lacks = f"{only.name} does not have" if only else "nobody at work has"
    lacking = f"{who_lacks} {_named(needed)}" if needed and not skilled else ""
    if lacking and not without_skill:
        return Choice(None, lacking)
    free = [hand for hand in skilled or at_work if hand.has_room]
    if not free:
        with_it = f" with {_named(needed)}" if needed and skilled else ""
        return Choice(None, f"everybody at work{with_it} has as many open tickets as they may")
    hand = min(_ring(free, last), key=_ORDER[Way(way)])
    return Choice(hand.person, _because(Way(way), hand, needed if skilled else {}, lacking))


def given(hands: Sequence[Hand], person: User, before: User | None) -> None:
    """Counts a ticket that goes from ``before`` to ``person``, so that the next choice sees it."""
    for hand in hands:
        hand.open += (hand.person == person) - (hand.person == before)


def _why_not(person: User, hands: Sequence[Hand]) -> str:
    """Why the one person who was chosen can have no ticket; of nobody else is anything said."""
    if not hands:
        return f"{person.name} does not take this team's tickets"
    (hand,) = hands
    if hand.absence is not None:
        return f"{person.name} is out"
    return "" if hand.has_room else f"{person.name} has as many open tickets as they may"


def _ring(hands: Sequence[Hand], last: int | None) -> list[Hand]:
    """From whoever comes after ``last`` once around."""
    ordered = sorted(hands, key=lambda hand: hand.person.pk)
    place = sum(hand.person.pk <= (last or 0) for hand in ordered)
    return ordered[place:] + ordered[:place]


def _next(hand: Hand) -> tuple[int, ...]:
    return ()


def _least_loaded(hand: Hand) -> tuple[int, ...]:
    return (hand.open,)


def _least_loaded_then_needed(hand: Hand) -> tuple[int, ...]:
    """Of two equally busy, whoever has fewer skills: the other stays free for what needs them."""
    return (hand.open, len(hand.skills))


_ORDER: dict[Way, Callable[[Hand], tuple[int, ...]]] = {
    Way.NONE: _least_loaded,
    Way.ROUND_ROBIN: _next,
    Way.LEAST_LOADED: _least_loaded,
    Way.SKILL: _least_loaded_then_needed,
}


def _because(way: Way, hand: Hand, needed: Mapping[int, str], lacking: str) -> str:
    name, load = hand.person.name, f"{hand.open} open ticket{'' if hand.open == 1 else 's'}"
    said = {
        Way.ROUND_ROBIN: f"round robin: {name}'s turn",
        Way.SKILL: f"by skill: {name} has {_named(needed) if needed else load}",
    }.get(way, f"least loaded: {name} has {load}")
    among = f"of those with {_named(needed)}" if needed and way != Way.SKILL else ""
    return "; ".join(filter(None, [said, among, lacking]))


def _named(needed: Mapping[int, str]) -> str:
    quoted = [f"«{name}»" for name in needed.values()]
    return f"the skill{'' if len(quoted) == 1 else 's'} {' and '.join(quoted)}"
