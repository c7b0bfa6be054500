"""HTML mail as plain text; pure, linear in its length, never raises.

What comes out is shown escaped like any text. It is no sanitiser: HTML of a mail is never shown.
"""

import html
import re

LONGEST = 1_000_000
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<!\[CDATA\[|\]\]>", re.DOTALL)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:]{0,20})([^<>]*)>|<[!?/][^<>]*>")
_HREF = re.compile(r"""href\s*=\s*(?:"([^"]{1,500})"|'([^']{1,500})'|([^\s"'>]{1,500}))""", re.I)
_SPACES = re.compile(r"[ \t\r\n\f\u00a0\u200b]+")
# A number so long that reading it would take quadratic time, and no letter.
_HUGE_NUMBER = re.compile(r"&#[xX]?[0-9a-fA-F]{9,};?")
_SILENT = {"script", "style", "title", "template", "svg", "math"}
_BLOCKS = {
    "address", "article", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main",
    "ol", "p", "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul",
}  # fmt: skip
_SPACED = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "blockquote"}
_DEEPEST_QUOTE = 9


def from_html(source: str) -> str:
    """The words, with lines and paragraphs, lists, quotes as «>» and where links lead."""
    source = _COMMENT.sub("", source[:LONGEST])
    page, position = _Page(), 0
    for tag in _TAG.finditer(source):
        page.words(source[position : tag.start()])
        position = tag.end()
        if tag[2]:
            page.tag(tag[2].lower(), bool(tag[1]), tag[3] or "")
    page.words(source[position:])
    return page.text()


class _Page:
    """Collects lines; nesting is counted, not recursed into."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, str]] = []
        self.line: list[str] = []
        self.quote = 0
        self.silent = ""
        self.link: tuple[str, int] | None = None

    def words(self, raw: str) -> None:
        if not self.silent and raw:
            self.line.append(_SPACES.sub(" ", _unescaped(raw)))

    def tag(self, name: str, closing: bool, inside: str) -> None:
        if self.silent:
            if closing and name == self.silent:
                self.silent = ""
        elif name in _SILENT:
            self.silent = "" if closing or inside.endswith("/") else name
        elif name == "br":
            self._break()
        elif name == "a":
            self._link(closing, inside)
        elif name in {"td", "th"}:
            self.line.append(" ")
        elif name in _BLOCKS:
            self._block(name, closing)

    def text(self) -> str:
        self._break(only_words=True)
        shown: list[str] = []
        for quote, line in self.lines:
            prefix = "> " * quote
            if line or (shown and shown[-1].strip("> ")):
                shown.append(f"{prefix}{line}".rstrip())
        while shown and not shown[-1].strip("> "):
            shown.pop()
        return "\n".join(shown).strip("\n")

    def _block(self, name: str, closing: bool) -> None:
        self._break(only_words=True)
        if name == "blockquote":
            self.quote = max(0, min(_DEEPEST_QUOTE, self.quote + (-1 if closing else 1)))
        if name in _SPACED:
            self.lines.append((self.quote, ""))
        if name == "li" and not closing:
            self.line.append("- ")

    def _break(self, only_words: bool = False) -> None:
        line = _SPACES.sub(" ", "".join(self.line)).strip()
        if line or not only_words:
            self.lines.append((self.quote, line))
        self.line = []

    def _link(self, closing: bool, inside: str) -> None:
        """Where a link leads is said after its words, unless the words say it."""
        if self.link and closing:
            address, start = self.link
            words = "".join(self.line[start:]).strip()
            if address.split("://")[-1].strip("/") not in words:
                self.line.append(f" ({address})")
        found = None if closing else _HREF.search(inside[:2000])
        address = _unescaped(found[1] or found[2] or found[3]).strip() if found else ""
        known = address.lower().startswith(("http://", "https://"))
        self.link = (_SPACES.sub(" ", address), len(self.line)) if known else None


def _unescaped(text: str) -> str:
    return html.unescape(_HUGE_NUMBER.sub("\ufffd", text))
