"""Markdown → safe HTML; pure. Nothing a writer types becomes script, style or a strange link."""

import re

import nh3
from markdown_it import MarkdownIt

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


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        return super().validateLink(url) and not _ELSEWHERE.match(url)


_markdown = _Markdown("commonmark", {"html": False, "maxNesting": MAX_NESTING}).enable("table")


def to_html(source: str) -> str:
    """The HTML of a Markdown text; what lies past 100,000 characters is cut off with a note.

    So is what lies past 2,000 opening brackets. Links may lead to http, https and mailto, and to
    pages of ours, and carry rel="noopener noreferrer nofollow".
    """
    shown = _bounded(source)
    html = _markdown.render(shown.replace("\x00", ""))
    if len(shown) < len(source):
        html += "<p><em>The rest of this text is too long to show.</em></p>"
    return nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def _bounded(source: str) -> str:
    beginning = source[:MAX_SOURCE]
    pieces = beginning.split("[", MAX_BRACKETS + 1)
    return "[".join(pieces[:-1]) if len(pieces) > MAX_BRACKETS + 1 else beginning
