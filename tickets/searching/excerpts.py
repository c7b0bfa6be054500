"""Where the words stand in a text: the pieces of it that a reader is shown, and which are hits; pure.

Pieces are plain text. Whoever shows them escapes each and puts the mark around it, so that nothing
a customer writes can become markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from tickets.searching.words import Term, Word, words_of

LENGTH = 240
_LEAD = 60
_MOST_READ = 100_000
_MOST_HITS = 500


class Piece(NamedTuple):
    text: str
    is_hit: bool


def marked(text: str, terms: Iterable[Term]) -> list[Piece]:
    """The whole of ``text``, with every place where one of ``terms`` stands marked."""
    return list(_cut(text, 0, len(text), _places(text, terms)))


def excerpt(text: str, terms: Sequence[Term], length: int = LENGTH) -> list[Piece]:
    """About ``length`` characters of ``text``, those around most of ``terms``."""
    flat = " ".join(text[:_MOST_READ].split())
    places = _places(flat, terms)
    begin, end = _window(flat, places, length)
    pieces = list(_cut(flat, begin, end, places))
    if begin > 0:
        pieces.insert(0, Piece("… ", False))
    if end < len(flat):
        pieces.append(Piece(" …", False))
    return pieces


class _Place(NamedTuple):
    start: int
    end: int
    term: int


def _places(text: str, terms: Iterable[Term]) -> list[_Place]:
    """Where terms stand, in order, none over another; of two that begin together the longer."""
    words = list(words_of(text[:_MOST_READ]))
    found = []
    for number, term in enumerate(terms):
        parts = [each.folded for each in words_of(term.text)]
        found += [
            _Place(start, end, number) for start, end in _runs(words, parts, term.is_beginning)
        ]
    found.sort(key=lambda place: (place.start, -place.end))
    kept: list[_Place] = []
    for place in found:
        if not kept or place.start >= kept[-1].end:
            kept.append(place)
    return kept[:_MOST_HITS]


def _runs(words: Sequence[Word], parts: Sequence[str], is_open: bool) -> Iterator[tuple[int, int]]:
    """Where ``parts`` follow one another among ``words``; the last may go on where ``is_open``."""
    if not parts:
        return
    *rest, last = parts
    for first in range(len(words) - len(rest)):
        final = words[first + len(rest)].folded
        if (final.startswith(last) if is_open else final == last) and all(
            words[first + n].folded == part for n, part in enumerate(rest)
        ):
            yield words[first].start, words[first + len(rest)].end


def _window(text: str, places: Sequence[_Place], length: int) -> tuple[int, int]:
    """From where to where: the stretch with most different terms, then most hits; the first of equals."""
    if len(text) <= length:
        return 0, len(text)
    best, most = 0, (0, 0)
    for number, place in enumerate(places):
        within = [
            each
            for each in places[number : number + 40]
            if each.end <= place.start + length - _LEAD
        ]
        worth = (len({each.term for each in within}), len(within))
        if worth > most:
            best, most = place.start, worth
    begin = _word_edge(text, max(0, best - _LEAD))
    end = min(len(text), begin + length)
    return begin, end if end == len(text) else max(text.rfind(" ", begin, end), begin + length // 2)


def _word_edge(text: str, place: int) -> int:
    """The next beginning of a word, where one is near."""
    gap = text.find(" ", place, place + _LEAD // 2) if place else -1
    return gap + 1 if gap >= 0 else place


def _cut(text: str, begin: int, end: int, places: Iterable[_Place]) -> Iterator[Piece]:
    at = begin
    for place in places:
        if place.end <= begin or place.start >= end:
            continue
        start, stop = max(place.start, begin), min(place.end, end)
        if start > at:
            yield Piece(text[at:start], False)
        yield Piece(text[start:stop], True)
        at = stop
    if at < end:
        yield Piece(text[at:end], False)
