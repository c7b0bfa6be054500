"""Markdown → safe HTML; pure. Nothing a writer types becomes script, style or a strange link.

Articles are Markdown with all of its blocks. Messages are what people type into a mail: their line
ends hold, bare addresses lead, and no word of theirs is taken for markup that shows nothing.
"""

import re
from collections.abc import Sequence
from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from tickets.cutting import cut, fold_quotes
from tickets.words import is_blank, shown

# An article takes no longer than a second or two: so much of it is read, so much of it may lie in each
# other, and so many signs may begin a line, an entry, a quote or a cell or mark a word.
MAX_SOURCE, MAX_NESTING, MAX_MARKS = 100_000, 20, 15_000
# A message takes no longer than a moment: in it so much may lie in each other, so many signs may
# begin a line, an entry, a quote or mark a word, and so many addresses may lead.
MAX_DEPTH, MAX_SIGNS, MAX_ADDRESSES = 14, 12_000, 2_000
_SIGNS = "\n*_-+>.)"
_MARKS = f"{_SIGNS}|"
# For each bracket that opens, the rest is searched for the one that closes it.
MAX_BRACKETS = 2_000
TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
    # Of ours alone: no Markdown of theirs becomes one.
    "details", "summary",
}  # fmt: skip
_cleaner = nh3.Cleaner(
    tags=TAGS,
    attributes={"a": {"href", "title"}, "details": {"class"}, "ol": {"start"}, "li": {"value"}},
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer nofollow",
)
# An address without a scheme that leads to another host all the same.
_ELSEWHERE = re.compile(r"\s*(?:/|\\|%5c){2}", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?<![^\W_])https?://[^\s<>\"»`]*[^\s<>\"»`.,;:!?'()\[\]{}*_~]", re.IGNORECASE
)
# Words and where they lead: to the world, as nothing of ours lies in a customer's mail.
_LINK = re.compile(
    r"\[([^\[\]]+)\]\(((?:https?://|mailto:)[^\s<>()\"\\]*(?:\([^\s<>()\"\\]*\)[^\s<>()\"\\]*)*)\)",
    re.IGNORECASE,
)
# Indented text, underlined lines, definitions, pictures, entities and what stands in angles: whoever
# pastes such a thing into a mail means its words.
_NOT_IN_MAIL = [
    "code", "lheading", "reference", "image", "entity", "autolink", "html_block", "html_inline",
]  # fmt: skip
_AS_TYPED = "This text is too intricate to be set; it is shown as it was typed."
_KEPT = re.compile(r"\\[*_`\[\]]")


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        return super().validateLink(url) and not _ELSEWHERE.match(url)


_markdown = _Markdown("commonmark", {"html": False, "maxNesting": MAX_NESTING}).enable("table")
_mail = _Markdown("commonmark", {"html": False, "maxNesting": MAX_DEPTH, "breaks": True})
_mail.disable(_NOT_IN_MAIL)


def to_html(source: str) -> str:
    """The HTML of an article; what lies past 100,000 characters is cut off with a note.

    So is what lies past 2,000 opening brackets; of which ``too_much`` says anything else, that is
    shown as it was typed. Links may lead to http, https and mailto, and to pages of ours, and carry
    rel="noopener noreferrer nofollow".
    """
    within = _bounded(source)
    text = shown(within)
    tokens = _article(text)
    html = _markdown.renderer.render(tokens, _markdown.options, {}) if tokens else ""
    if not tokens and text.strip():
        html = f"{_as_typed(text)}<p><em>{_AS_TYPED}</em></p>"
    if len(within) < len(source):
        html += "<p><em>The rest of this text is too long to show.</em></p>"
    return _clean(html)


def too_much(source: str) -> str:
    """Why ``source`` could not be shown as an article, whole and set, in a sentence for its author.

    Empty where it can. Its length is somebody else's to check.
    """
    marks, brackets = _marks_of(source), source.count("[")
    if marks > MAX_MARKS:
        return (
            f"It has {marks:,} lines and marks, such as * - > |; {MAX_MARKS:,} is the most. "
            "Make two articles of it."
        )
    if brackets > MAX_BRACKETS:
        return f"It has {brackets:,} opening brackets; {MAX_BRACKETS:,} is the most."
    if source.strip() and not _article(shown(source)):
        return "Lists or quotes in it lie too deep in each other: seven lists deep is the most."
    return ""


def _marks_of(text: str) -> int:
    return sum(map(text.count, _MARKS))


def _article(text: str) -> list[Token]:
    """None where there are too many marks, or where something lies too deep: it would be lost."""
    tokens = _markdown.parse(text) if _marks_of(text) <= MAX_MARKS else []
    return [] if _is_deep(tokens, MAX_NESTING) else tokens


def message_html(text: str) -> str:
    """The HTML of a message as its mail carries it and the preview shows it.

    A text too long or too deeply nested for Markdown is shown as it was typed, whole.
    """
    text = shown(text)
    return _rendered(_tokens(text)) or _as_typed(text)


def message_parts(text: str, *, lines: int, size: int) -> tuple[str, str]:
    """The same as the conversation shows it: its quotes folded, and in two, about ``lines`` lines
    or ``size`` characters, and the rest, if any.

    Both are empty where Markdown shows the text as it was typed.
    """
    head, rest = cut(_tokens(shown(text)), lines, size)
    return _rendered(fold_quotes(head)), _rendered(fold_quotes(rest))


def _tokens(text: str) -> list[Token]:
    """None where the text is empty, or too much for Markdown."""
    is_bounded = (
        len(text) <= MAX_SOURCE
        and sum(map(text.count, _SIGNS)) <= MAX_SIGNS
        and text.count("://") <= MAX_ADDRESSES
    )
    tokens = _mail.parse(text) if is_bounded else []
    return [] if _is_deep(tokens, MAX_DEPTH) else tokens


def _is_deep(tokens: Sequence[Token], most: int) -> bool:
    return any(token.level > most - 4 for token in tokens)


def _bounded(source: str) -> str:
    beginning = source[:MAX_SOURCE]
    pieces = beginning.split("[", MAX_BRACKETS + 1)
    return "[".join(pieces[:-1]) if len(pieces) > MAX_BRACKETS + 1 else beginning


def _as_typed(text: str) -> str:
    lines = escape(text).split("\n")
    return f"<p>{'<br>'.join(lines)}</p>"


def _rendered(tokens: Sequence[Token]) -> str:
    return _clean(_mail.renderer.render(tokens, _mail.options, {})) if tokens else ""


def _clean(html: str) -> str:
    return _cleaner.clean(html)


def _lower_headings(state: StateCore) -> None:
    """A mail has no title, and the page it is shown on has its own."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = {"h1": "h2", "h2": "h3"}.get(token.tag, "h4")


def _keep_words_behind_fences(state: StateCore) -> None:
    """What stands behind three backticks may be a language, and may be the message."""
    for token in state.tokens:
        if token.type == "fence" and token.info.strip():
            token.content, token.info = f"{token.info.strip()}\n{token.content}", ""


def _keep_numbers(state: StateCore) -> None:
    """Who writes 1., 2. and 4. means the fourth."""
    for token in state.tokens:
        if token.type == "list_item_open" and token.info:
            token.attrSet("value", str(int(token.info)))


def _end_quote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A line without ">" is an answer to the quote above it, no part of it."""
    return silent


def _keep_backslash(state: StateInline, silent: bool) -> bool:
    r"""Of paths such as ``C:\_new\*.txt`` no sign is lost: a mark behind a backslash marks nothing."""
    if not _KEPT.match(state.src, state.pos, state.posMax):
        return False
    if not silent:
        state.append_pending(state.src[state.pos : state.pos + 2])
    state.pos += 2
    return True


def _link(state: StateInline, silent: bool) -> bool:
    """``[words](address)``, where there are words and an address that leads somewhere."""
    if silent or state.src[state.pos] != "[":
        return False
    found = _LINK.match(state.src, state.pos, state.posMax)
    address = _address(found[2]) if found else ""
    if not found or not address or is_blank(found[1]):
        return False
    within = state.posMax
    state.pos, state.posMax = found.span(1)
    state.linkLevel += 1
    state.push("link_open", "a", 1).attrs = {"href": address}
    state.md.inline.tokenize(state)
    state.push("link_close", "a", -1)
    state.linkLevel -= 1
    state.pos, state.posMax = found.end(), within
    return True


def _lead(state: StateInline, silent: bool) -> bool:
    """Makes links of the addresses that stand in the text, before anything in them is a mark."""
    if silent or state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    scheme = "https" if state.src[state.pos - 1] in "sS" else "http"
    found = _ADDRESS.match(state.src, max(state.pos - len(scheme), 0), state.posMax)
    if not found or not state.pending.endswith(found[0][: len(scheme)]):
        return False
    state.pending = state.pending[: -len(scheme)]
    address = _address(found[0])
    if address:
        state.push("link_open", "a", 1).attrs = {"href": address}
    state.append_pending(found[0])
    if address:
        state.push("link_close", "a", -1)
    state.pos = found.end()
    return True


def _address(typed: str) -> str:
    """Where it leads; empty where it leads nowhere, as it would not be left in what is cleaned."""
    address = _mail.normalizeLink(typed)
    is_left = " href=" in _clean(f'<a href="{escape(address)}">x</a>')
    return address if is_left and _mail.validateLink(address) else ""


_mail.block.ruler.before("fence", "own_words", _end_quote, {"alt": ["blockquote"]})
_mail.inline.ruler.at("escape", _keep_backslash)
_mail.inline.ruler.at("link", _link)
_mail.inline.ruler.before("newline", "address", _lead)
_mail.core.ruler.push("lower_headings", _lower_headings)
_mail.core.ruler.push("keep_words_behind_fences", _keep_words_behind_fences)
_mail.core.ruler.push("keep_numbers", _keep_numbers)
