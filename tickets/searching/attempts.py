"""Other ways to ask where nothing was found: beginnings of words, and less at a time; pure."""

from __future__ import annotations

from tickets.searching.parsing import Clause, Part, Wanted

MOST = 5


def attempts(wanted: Wanted) -> list[str]:
    """What could be typed instead."""
    parts = wanted.parts
    begun = " ".join(f"{each.typed}*" if _is_word(each) else each.typed for each in parts)
    ways = [begun] if begun != " ".join(each.typed for each in parts) else []
    ways += [wanted.without(part) for part in parts] if len(parts) > 1 else []
    return ways[:MOST]


def _is_word(part: Part) -> bool:
    """Whether a * behind it would make it the beginning of a word."""
    meant = part.meant
    if isinstance(meant, Clause) or meant.is_phrase or meant.is_beginning or meant.is_left_out:
        return False
    return len(meant.text) > 1
