"""Headers of a mail as clean single lines, addresses and identifiers; pure and never raises.

They are read raw (policy ``compat32``) and decoded here: the standard library's own structured
headers raise on a ``To:`` with 900 brackets and let CRLF and NUL through encoded words.
"""

import base64
import binascii
import quopri
import re
from datetime import datetime
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import NamedTuple

from tickets.inbound import charsets

LONGEST = 32_000
MOST_ADDRESSES = 100
MOST_IDS = 40
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?)")
# Line breaks, other controls, half characters, and the marks that turn text around (a hidden
# «gpj.exe»): none has a place in one line.
_UNWANTED = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"']{1,64}@[^\s@<>()\[\]\\,;:\"']{1,190}")
_LONGEST_ADDRESS = 254  # RFC 5321; the pattern alone lets through one letter more
# Nothing that no database stores: it could be no Message-ID of anybody's.
_ID = re.compile("<([^<>\\s\x00-\x1f\x7f\ud800-\udfff]{1,248})>")


class Address(NamedTuple):
    name: str
    email: str


def raw(mail: Message, name: str) -> list[str]:
    """Every header of that name as it came, its bytes read as UTF-8 or Western European."""
    found = []
    for key, value in mail.raw_items():
        if key.lower() == name:
            plain = str(value)[:LONGEST].encode("utf-8", "surrogateescape")
            found.append(charsets.text(plain))
    return found


def line(mail: Message, name: str) -> str:
    """The first header of that name, decoded, in one line."""
    values = raw(mail, name)
    return one_line(decoded(values[0])) if values else ""


def token(mail: Message, name: str) -> str:
    """A header that is a keyword, without its parameters and comments, in lower case."""
    return re.split(r"[;(]", line(mail, name))[0].strip().lower()


def one_line(text: str) -> str:
    return " ".join(_UNWANTED.sub(" ", text).split())


def decoded(value: str) -> str:
    """Encoded words (RFC 2047) as text; broken ones stay as they are."""
    return _WORD.sub(_word, _BETWEEN_WORDS.sub(r"\1", value))


def addresses(mail: Message, *names: str) -> list[Address]:
    """The addresses in all headers of these names, each once, in order."""
    found: dict[str, Address] = {}
    for name in names:
        for value in raw(mail, name):
            for each in _addresses(value):
                found.setdefault(each.email, each)
                if len(found) >= MOST_ADDRESSES:
                    return list(found.values())
    return list(found.values())


def ids(mail: Message, name: str) -> list[str]:
    """Message-IDs with their angle brackets, the most recent last."""
    found = dict.fromkeys(f"<{each}>" for value in raw(mail, name) for each in _ID.findall(value))
    return list(found)[-MOST_IDS:]


def date(mail: Message) -> datetime | None:
    """When the sender says it was written; None unless it is an instant."""
    try:
        said = parsedate_to_datetime(line(mail, "date"))
        return said if said.tzinfo else None
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _addresses(value: str) -> list[Address]:
    """Names are decoded after splitting: an encoded comma or @ makes no second address."""
    plain = _UNWANTED.sub(" ", value)
    try:
        pairs = getaddresses([plain])
    except Exception:  # RecursionError and others out of nested comments
        pairs = []
    usable = [pair for pair in pairs if _ADDRESS.fullmatch(pair[1].strip())]
    if not usable:
        usable = [("", each) for each in _ADDRESS.findall(plain)[:MOST_ADDRESSES]]
    usable = [(name, email) for name, email in usable if len(email.strip()) <= _LONGEST_ADDRESS]
    return [
        Address(one_line(decoded(name))[:160].strip(), email.strip().lower())
        for name, email in usable
    ]


def _word(found: re.Match[str]) -> str:
    charset, encoding, text = found.groups()
    plain = text.encode("utf-8", "surrogateescape")
    try:
        if encoding in "bB":
            plain = base64.b64decode(plain + b"=" * (-len(plain) % 4))
        else:
            plain = quopri.decodestring(plain, header=True)
    except (binascii.Error, ValueError):
        return found[0]
    # RFC 2231 lets a language follow the charset.
    return charsets.text(plain, charset.partition("*")[0])
