"""Markdown → safe HTML; pure. Nothing a writer types becomes script, style or a strange link.

Articles are Markdown with all of its blocks. Messages are what people type into a mail: their line
ends hold, bare addresses lead, and no word of theirs is taken for markup that shows nothing.
"""

import re
from collections.abc import Iterator, Sequence
from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from tickets.words import shown

MAX_SOURCE = 100_000
MAX_NESTING = 30
# For each bracket that opens, the rest is searched for the one that closes it.
MAX_BRACKETS = 2_000
TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
# An address without a scheme that leads to another host all the same.
_ELSEWHERE = re.compile(r"\s*(?:/|\\|%5c){2}", re.IGNORECASE)
_ADDRESS = re.compile(r"\bhttps?://[^\s<>\"»]*[^\s<>\"».,;:!?'()\[\]{}]", re.IGNORECASE)
# Indented text, underlined lines, definitions, pictures, entities and cells that are one too many:
# whoever pastes such a thing into a mail means its words.
_NOT_IN_MAIL = ["code", "lheading", "reference", "image", "entity"]


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        return super().validateLink(url) and not _ELSEWHERE.match(url)


_markdown = _Markdown("commonmark", {"html": False, "maxNesting": MAX_NESTING}).enable("table")
_mail = _Markdown("commonmark", {"html": False, "maxNesting": MAX_NESTING, "breaks": True})
_mail.disable(_NOT_IN_MAIL)


def to_html(source: str) -> str:
    """The HTML of an article; what lies past 100,000 characters is cut off with a note.

    So is what lies past 2,000 opening brackets. Links may lead to http, https and mailto, and to
    pages of ours, and carry rel="noopener noreferrer nofollow".
    """
    within = _bounded(source)
    html = _markdown.render(shown(within))
    if len(within) < len(source):
        html += "<p><em>The rest of this text is too long to show.</em></p>"
    return _clean(html)


def message_html(text: str) -> str:
    """The HTML of a message: what its mail carries, what the preview and the conversation show.

    A text too long or too deeply nested for Markdown is shown as it was typed, whole.
    """
    return message_parts(text, lines=len(text) + 1, size=len(text) + 1)[0]


def message_parts(text: str, *, lines: int, size: int) -> tuple[str, str]:
    """The same in two: about ``lines`` lines or ``size`` characters, and the rest, if any.

    The cut lies between two blocks, so that both mean what the whole would.
    """
    text = shown(text)
    tokens = _mail.parse(text) if _bounded(text) == text else []
    if not tokens or any(token.level > MAX_NESTING - 4 for token in tokens):
        return _as_typed(text), ""
    cut = _cut(tokens, lines, size)
    return _rendered(tokens[:cut]), _rendered(tokens[cut:])


def _bounded(source: str) -> str:
    beginning = source[:MAX_SOURCE]
    pieces = beginning.split("[", MAX_BRACKETS + 1)
    return "[".join(pieces[:-1]) if len(pieces) > MAX_BRACKETS + 1 else beginning


def _as_typed(text: str) -> str:
    lines = escape(text).split("\n")
    return f"<p>{'<br>'.join(lines)}</p>"


def _cut(tokens: Sequence[Token], lines: int, size: int) -> int:
    """After the block with which it is so long."""
    told = last = 0
    for place, token in enumerate(tokens, 1):
        told += len(token.content)
        last = token.map[1] if token.map else last
        if token.level == 0 and token.nesting <= 0 and (last >= lines or told >= size):
            return place
    return len(tokens)


def _rendered(tokens: Sequence[Token]) -> str:
    return _clean(_mail.renderer.render(tokens, _mail.options, {})) if tokens else ""


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def _lower_headings(state: StateCore) -> None:
    """A mail has no title, and the page it is shown on has its own."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = {"h1": "h2", "h2": "h3"}.get(token.tag, "h4")


def _lead(state: StateCore) -> None:
    """Makes links of the addresses that stand in the text."""
    for token in state.tokens:
        if token.children and "://" in token.content:
            token.children = list(_linked(state.md, token.children))


def _linked(md: MarkdownIt, tokens: Sequence[Token]) -> Iterator[Token]:
    inside = 0
    for token in tokens:
        inside += token.nesting if token.type in ("link_open", "link_close") else 0
        if token.type == "text" and not inside:
            yield from _pieces(md, token.content)
        else:
            yield token


def _pieces(md: MarkdownIt, text: str) -> Iterator[Token]:
    end = 0
    for found in _ADDRESS.finditer(text):
        address = md.normalizeLink(found[0])
        if not md.validateLink(address):
            continue
        yield Token("text", "", 0, content=text[end : found.start()])
        yield Token("link_open", "a", 1, attrs={"href": address})
        yield Token("text", "", 0, content=found[0])
        yield Token("link_close", "a", -1)
        end = found.end()
    yield Token("text", "", 0, content=text[end:])


_mail.core.ruler.push("lower_headings", _lower_headings)
_mail.core.ruler.push("lead", _lead)
