"""Words by which articles are found to fit a ticket, and how much each says of its article; pure.

The weights are those of BM25 (Robertson and Zaragoza, «The Probabilistic Relevance Framework»), but
with a fixed length for the usual article: the weight of a word hangs on no other article, so that it
is reckoned once, when its article is saved.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from tickets.searching.words import words_of

STEM = 6
MOST_WORDS = 3_000
_TITLE = 3
_USUAL_LENGTH = 300
_SATURATION, _LENGTH = 1.2, 0.75
# What stands in every English text; in other languages rarity alone tells words apart.
_SAYS_NOTHING = frozenset(
    [
        "the",
        "and",
        "for",
        "are",
        "but",
        "not",
        "you",
        "your",
        "yours",
        "our",
        "ours",
        "his",
        "her",
        "hers",
        "its",
        "their",
        "them",
        "they",
        "this",
        "that",
        "these",
        "those",
        "with",
        "from",
        "have",
        "has",
        "had",
        "was",
        "were",
        "been",
        "being",
        "will",
        "would",
        "shall",
        "should",
        "can",
        "could",
        "may",
        "might",
        "must",
        "does",
        "did",
        "doing",
        "done",
        "what",
        "when",
        "where",
        "which",
        "who",
        "whom",
        "why",
        "how",
        "all",
        "any",
        "some",
        "such",
        "than",
        "then",
        "there",
        "here",
        "out",
        "off",
        "over",
        "under",
        "again",
        "once",
        "only",
        "very",
        "too",
        "also",
        "just",
        "about",
        "into",
        "onto",
        "because",
        "while",
        "until",
        "since",
        "before",
        "after",
        "above",
        "below",
        "between",
        "same",
        "other",
        "own",
        "more",
        "most",
        "less",
        "least",
        "each",
        "every",
        "please",
        "thank",
        "thanks",
        "hello",
        "dear",
        "hi",
        "best",
        "regards",
        "wishes",
        "kind",
        "sincerely",
        "get",
        "got",
        "one",
        "two",
    ]
)


class Weight(NamedTuple):
    """What one word says of an article."""

    weight: float
    is_in_title: bool


def stems(text: str) -> Iterator[str]:
    """The words of ``text`` that say something, cut so that «refund» and «refunded» are one."""
    for word in words_of(text):
        folded = word.folded
        if len(folded) > 2 and folded not in _SAYS_NOTHING:
            yield _stem(folded)


def weights(title: str, body: str) -> dict[str, Weight]:
    """Each word of an article once, the weightiest first where there are too many to keep."""
    titled = Counter(stems(title))
    said = Counter(stems(body))
    for word, times in titled.items():
        said[word] += times * _TITLE
    long = 1 - _LENGTH + _LENGTH * said.total() / _USUAL_LENGTH
    return {
        word: Weight(times * (1 + _SATURATION) / (times + _SATURATION * long), word in titled)
        for word, times in said.most_common(MOST_WORDS)
    }


def rarity(having: int, of: int) -> float:
    """How much it says that a word occurs, which ``having`` of ``of`` articles have."""
    return math.log(1 + (of - having + 0.5) / (having + 0.5))


def _stem(word: str) -> str:
    plain = word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
    return plain[:STEM]
