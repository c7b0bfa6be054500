"""A mail as its sender laid it out: its HTML made harmless, its pictures withheld until asked; pure.

What comes out is shown in a frame of its own that runs nothing, sends nothing and belongs to nobody.
Nothing in it is fetched from elsewhere unless the reader asks: who fetches is seen.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from urllib.parse import unquote

import nh3

from tickets.inbound import bodies, headers, parsing
from tickets.pictures import picture_type

# Mails with more signs than this are read as text: to make deeply nested HTML safe takes long.
MOST_TAGS = 12_000
# Bytes of one picture that the mail brings along, and of all.
LARGEST_PICTURE, MOST_PICTURES = 2_000_000, 6_000_000
# Signs of all pictures as they are drawn, each as often as the HTML names it.
MOST_DRAWN = 12_000_000
_TAGS = {
    "a", "abbr", "address", "b", "big", "blockquote", "br", "caption", "center", "cite", "code",
    "col", "colgroup", "dd", "del", "dfn", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4",
    "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp",
    "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "tt", "u", "ul", "var",
}  # fmt: skip
_LOOKS = {"align", "bgcolor", "border", "cellpadding", "cellspacing", "colspan", "dir", "height",
          "rowspan", "style", "title", "valign", "width"}  # fmt: skip
_ATTRIBUTES = {
    "*": _LOOKS, "a": {"href"}, "img": {"src", "alt"}, "font": {"color", "face", "size"},
    "ol": {"start", "type"}, "li": {"value"},
}  # fmt: skip
_STYLES = {
    "background-color", "border", "border-bottom", "border-collapse", "border-color", "border-left",
    "border-radius", "border-right", "border-spacing", "border-style", "border-top", "border-width",
    "color", "direction", "font-family", "font-size", "font-style", "font-weight", "height",
    "letter-spacing", "line-height", "margin", "margin-bottom", "margin-left", "margin-right",
    "margin-top", "max-width", "min-width", "padding", "padding-bottom", "padding-left",
    "padding-right", "padding-top", "text-align", "text-decoration", "text-indent",
    "text-transform", "vertical-align", "white-space", "width", "word-break",
}  # fmt: skip
# Each of these that is left open is opened again in every paragraph that follows, by the standard:
# a mail of 20 KB makes a page of hundreds of MB. Under another name they end where their parent does.
_REOPENED = {
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
}  # fmt: skip
_ALIAS = "x-"
_REOPENS = re.compile(rf"<(/?)({'|'.join(sorted(_REOPENED))})(?=[\s/>])", re.IGNORECASE)
# Within a title, where tags are only words, they got it as well.
_ALIASED = re.compile(rf"(<|&lt;)(/?){_ALIAS}({'|'.join(sorted(_REOPENED))})\b", re.IGNORECASE)
_RELATION = {"rel": "noopener noreferrer nofollow"}
# What fetches in a style, or hides that it does.
_FETCHES = re.compile(r"url|image|\\|@|expression", re.IGNORECASE)
_LEADS = re.compile(r"\s*(?:https?://|mailto:)", re.IGNORECASE)
_REMOTE = re.compile(r"\s*https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Letter:
    """``html`` is safe in a frame that runs nothing, and empty where ``text`` is all there is;
    ``withheld`` counts the pictures that lie elsewhere and were not asked for."""

    sender: str
    to: str
    cc: str
    date: str
    subject: str
    html: str
    text: str
    withheld: int


def letter(raw: bytes, *, pictures: bool = False) -> Letter:
    """Reads a mail; with ``pictures`` those that lie elsewhere stay. Raises parsing.Unparsable."""
    mail = parsing.message_of(raw)
    source = bodies.html(mail)
    if source.count("<") > MOST_TAGS:
        source = ""
    cleaning = _Cleaning(_brought_along(mail) if source else {}, pictures)
    clean = cleaning.html(source) if source else ""
    said = {name: headers.line(mail, name)[:2_000] for name in ("from", "to", "cc", "date")}
    return Letter(
        sender=said["from"], to=said["to"], cc=said["cc"], date=said["date"],
        subject=headers.line(mail, "subject")[:1_000], html=clean,
        text="" if clean else bodies.text(mail), withheld=cleaning.withheld,
    )  # fmt: skip


def _brought_along(mail: Message) -> dict[str, str]:
    """The pictures inside the mail by their names, as addresses that fetch nothing."""
    found: dict[str, str] = {}
    room = MOST_PICTURES
    for name, content in bodies.within(mail):
        kind = picture_type(content)
        if kind and len(content) <= min(LARGEST_PICTURE, room):
            room -= len(content)
            found[name] = f"data:{kind};base64,{base64.b64encode(content).decode()}"
    return found


class _Cleaning:
    """One pass over one mail's HTML."""

    def __init__(self, inside: Mapping[str, str], pictures: bool) -> None:
        self._inside, self._pictures = inside, pictures
        self.withheld, self._room = 0, MOST_DRAWN
        self._by_name: Mapping[str, Callable[[str], str | None]] = {
            "src": self._src, "href": _href, "style": _style,
        }  # fmt: skip

    def html(self, source: str) -> str:
        clean = nh3.clean(
            _REOPENS.sub(rf"<\1{_ALIAS}\2", source),
            tags={_named(tag) for tag in _TAGS}, attribute_filter=self._attribute,
            attributes={_named(tag): names for tag, names in _ATTRIBUTES.items()},
            set_tag_attribute_values={_named("a"): _RELATION},
            url_schemes={"http", "https", "mailto", "cid"}, filter_style_properties=_STYLES,
        )  # fmt: skip
        return _ALIASED.sub(r"\1\2\3", clean)

    def _attribute(self, tag: str, name: str, value: str) -> str | None:
        check = self._by_name.get(name)
        return check(value) if check else value

    def _src(self, value: str) -> str | None:
        if value.lower().startswith("cid:"):
            return self._drawn(unquote(value[4:]))
        if not _REMOTE.match(value):
            return None
        if not self._pictures:
            self.withheld += 1
            return None
        return value

    def _drawn(self, name: str) -> str | None:
        """The picture of this name; none any more where the HTML has named them too often."""
        picture = self._inside.get(name)
        if picture is None or len(picture) > self._room:
            return None
        self._room -= len(picture)
        return picture


def _named(tag: str) -> str:
    """What a tag is called while it is cleaned."""
    return f"{_ALIAS}{tag}" if tag in _REOPENED else tag


def _href(value: str) -> str | None:
    return value if _LEADS.match(value) else None


def _style(value: str) -> str | None:
    return None if _FETCHES.search(value) else value
