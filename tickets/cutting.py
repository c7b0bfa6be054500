"""Tokens of Markdown in two: what a page shows at once, and the rest; quotes folded; pure."""

import re
from collections.abc import Iterator

from markdown_it.token import Token

ATTRIBUTION = re.compile(
    r"^(On|Am|Le|El|Il|Op|Em) .{4,200}:\s*\Z|^-{2,}\s*Original Message\s*-{2,}", re.IGNORECASE
)
_BREAKS = {"softbreak", "hardbreak"}
Tokens = list[Token]
Halves = tuple[Tokens, Tokens]


def cut(tokens: Tokens, lines: int, size: int) -> Halves:
    """About ``lines`` lines or ``size`` characters, and the rest; a quote, which is folded anyway,
    counts as one line.

    The cut lies between two blocks, two lines of a paragraph or of code, or two entries of a list.
    """
    place = last = 0
    for block in blocks(tokens):
        here, place = place, place + len(block)
        told, written = _length(block, last)
        if told > lines or written > size:
            head, rest = _split(block, last + lines, size)
            return tokens[:here] + head, rest + tokens[place:]
        lines, size, last = lines - told, size - written, _ends(block, last)
        if lines <= 0 or size <= 0:
            return tokens[:place], tokens[place:]
    return tokens, []


def fold_quotes(tokens: Tokens) -> Tokens:
    """Each quote behind a summary; it takes its «On … wrote:» along."""
    found: list[Tokens] = []
    for block in blocks(tokens):
        if block[0].type != "blockquote_open":
            found.append(block)
            continue
        said = found.pop() if found and _is_attribution(found[-1]) else []
        begin = Token("html_block", "", 0)
        begin.content = '<details class="quote"><summary>Quoted text</summary>'
        end = Token("html_block", "", 0, content="</details>\n")
        found.append([begin, *said, *block, end])
    return [token for block in found for token in block]


def blocks(tokens: Tokens) -> Iterator[Tokens]:
    """The blocks that lie in no other."""
    begin = 0
    for place, token in enumerate(tokens, 1):
        if token.level == 0 and token.nesting <= 0:
            yield tokens[begin:place]
            begin = place


def _is_attribution(block: Tokens) -> bool:
    return block[0].type == "paragraph_open" and bool(ATTRIBUTION.match(block[1].content))


def _length(block: Tokens, last: int) -> tuple[int, int]:
    """Lines, with the empty ones before it, and characters."""
    if block[0].type == "blockquote_open":
        return 1, 0
    return _ends(block, last) - last, sum(len(token.content) for token in block)


def _ends(block: Tokens, last: int) -> int:
    return block[0].map[1] if block[0].map else last


def _split(block: Tokens, line: int, size: int) -> Halves:
    """Before ``line`` or after ``size`` characters, as near as can be; else it stays whole."""
    begins = block[0].map[0] if block[0].map else 0
    kind = block[0].type
    if kind == "paragraph_open":
        return _paragraph(block, line - begins, size)
    if kind == "fence":
        return _code(block[0], line - begins, size)
    if kind in ("bullet_list_open", "ordered_list_open"):
        return _list(block, line, size)
    return block, []


def _paragraph(block: Tokens, lines: int, size: int) -> Halves:
    begin, inline, end = block
    words = inline.children or []
    told = written = depth = 0
    for place, token in enumerate(words):
        depth += token.nesting
        written += len(token.content)
        told += token.type in _BREAKS
        if token.type in _BREAKS and not depth and (told >= lines or written >= size):
            head = inline.copy(children=words[:place])
            rest = inline.copy(children=words[place + 1 :])
            return [begin, head, end], [begin, rest, end]
    return block, []


def _code(fence: Token, lines: int, size: int) -> Halves:
    code = fence.content.splitlines(keepends=True)
    written = 0
    for told, line in enumerate(code, 1):
        written += len(line)
        if told < len(code) and (told >= lines or written >= size):
            head, rest = "".join(code[:told]), "".join(code[told:])
            return [fence.copy(content=head)], [fence.copy(content=rest)]
    return [fence], []


def _list(block: Tokens, line: int, size: int) -> Halves:
    begin, end = block[0], block[-1]
    written = 0
    for place, token in enumerate(block):
        written += len(token.content)
        is_entry = token.type == "list_item_open" and token.level == 1 and place > 1
        if is_entry and token.map and (token.map[1] > line or written >= size):
            return [*block[:place], end], [begin, *block[place:]]
    return block, []
