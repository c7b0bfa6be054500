"""Markdown → safe HTML; pure. Nothing a writer types becomes script, style or a strange link."""

import nh3
from markdown_it import MarkdownIt

MAX_SOURCE = 100_000
MAX_NESTING = 30
TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_markdown = MarkdownIt("commonmark", {"html": False, "maxNesting": MAX_NESTING}).enable("table")


def to_html(source: str) -> str:
    """The HTML of a Markdown text; what lies past 100,000 characters is cut off with a note.

    Links may lead to http, https and mailto only and carry rel="noopener noreferrer nofollow".
    """
    cut = len(source) > MAX_SOURCE
    html = _markdown.render(source[:MAX_SOURCE].replace("\x00", ""))
    if cut:
        html += "<p><em>The rest of this text is too long to show.</em></p>"
    return nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
