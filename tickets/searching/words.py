"""Words as the search sees them: without case and accents; pure."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_MARKS = re.compile("[\u0300-\u036f]")
_WORD = re.compile("[^\\W_](?:[^\\W_]|[\u0300-\u036f])*")


@dataclass(frozen=True, slots=True)
class Term:
    """What must stand in a text, or must not: a word, a phrase, or how a word begins."""

    text: str
    is_phrase: bool = False
    is_beginning: bool = False
    is_left_out: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: where it stands, and how it is compared."""

    start: int
    end: int
    folded: str


def fold(text: str) -> str:
    """As the database compares: «Émile» is emile. Letters that are no accented ones stay (ß, ø)."""
    return _MARKS.sub("", unicodedata.normalize("NFKD", text)).lower()


def words_of(text: str) -> Iterator[Word]:
    """The words of ``text`` in order; whatever is no letter or digit parts them."""
    for found in _WORD.finditer(text):
        yield Word(found.start(), found.end(), fold(found[0]))


def is_searchable(text: str) -> bool:
    """Whether there is a letter or a digit in it."""
    return _WORD.search(text) is not None
