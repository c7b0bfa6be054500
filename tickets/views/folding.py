"""A message in parts: its own words, what it quotes, and what is folded away because it is long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from tickets.cutting import ATTRIBUTION

# Of one message a page carries so much; past the fold of it, it is a click away.
LONG, MOST_LINES = 20_000, 1_000
FOLD, FOLD_LINES = 3_000, 40
# Nobody should have to click for a few lines more.
SPARED, SPARED_LINES = 4_500, 55


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a message: its own words, or words quoted from an earlier one."""

    text: str
    is_quoted: bool


def carried(body: str) -> str:
    """What a page carries of it at most."""
    return "\n".join(body[:LONG].split("\n", MOST_LINES)[:MOST_LINES])


def parts_of(text: str) -> Iterator[Part]:
    """``text`` cut into own words and quoted stretches; a quote takes its «On … wrote:» along."""
    lines = text.split("\n")
    quoted = [line.lstrip().startswith(">") for line in lines]
    follows = False
    for here in range(len(lines) - 1, -1, -1):
        words = lines[here].strip()
        quoted[here] |= follows and (not words or bool(ATTRIBUTION.match(words)))
        follows = quoted[here] if words else follows
    for is_quoted, run in groupby(zip(quoted, lines, strict=True), key=lambda pair: pair[0]):
        stretch = "\n".join(line for _, line in run)
        if stretch.strip():
            yield Part(stretch.strip("\n"), is_quoted)


def folded(parts: Iterable[Part]) -> tuple[list[Part], str]:
    """What is shown at once, and the rest; a quote, which is folded anyway, counts as one line."""
    parts = list(parts)
    own = [part.text for part in parts if not part.is_quoted]
    quotes = len(parts) - len(own)
    lines = quotes + sum(text.count("\n") + 1 for text in own)
    if lines <= SPARED_LINES and sum(map(len, own)) <= SPARED:
        return parts, ""
    head: list[Part] = []
    lines, size = FOLD_LINES, FOLD
    for here, part in enumerate(parts):
        text = part.text if part.is_quoted else _beginning(part.text, lines, size)
        head.append(Part(text, part.is_quoted))
        lines -= 1 if part.is_quoted else text.count("\n") + 1
        size -= 0 if part.is_quoted else len(text)
        if len(text) < len(part.text) or lines <= 0 or size <= 0:
            after = [part.text[len(text) :], *(each.text for each in parts[here + 1 :])]
            return head, "\n".join(after).strip("\n")
    return head, ""


def _beginning(text: str, lines: int, size: int) -> str:
    """At most so many lines and characters of it, to the end of a word where there is one near."""
    begins = "\n".join(text.split("\n", lines)[:lines])
    if len(begins) <= size:
        return begins
    end = max(begins.rfind(" ", 0, size), begins.rfind("\n", 0, size))
    return begins[: end if end > size // 2 else size]
