"""Bytes of a mail as text, whatever they claim to be; pure and never raises."""

import codecs
import re
from encodings import normalize_encoding
from encodings.aliases import aliases

# What mailers say and what they mean: a superset of the standard named, as browsers read it.
_MEANS = {
    "ascii": "cp1252", "us-ascii": "cp1252", "iso-8859-1": "cp1252", "iso8859-1": "cp1252",
    "latin1": "cp1252", "latin-1": "cp1252", "ansi": "cp1252", "gb2312": "gb18030",
    "gbk": "gb18030", "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932",
    "x-sjis": "cp932", "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "big5": "big5hkscs",
    "iso-8859-8-i": "iso-8859-8", "iso-8859-9": "cp1254", "utf8mb4": "utf-8", "cp-850": "cp850",
    "unicode-1-1-utf-8": "utf-8",
}  # fmt: skip
# Codecs of Python that are no charsets of mail; some take quadratic time.
_NOT_CHARSETS = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf_7"}
# The library remembers every name it was ever asked for, so it is asked for none that is made up.
_CODECS = {*aliases, *aliases.values(), "koi8_u", "koi8_t", "cp737", "cp856", "cp874", "cp1006"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,39}")


def known(name: str) -> str | None:
    """The codec for a charset's name, or None where there is none."""
    found = _NAME.search(name)
    if not found:
        return None
    plain = found[0].lower()
    means = _MEANS.get(plain, plain)
    if normalize_encoding(means) not in _CODECS:
        return None
    try:
        info = codecs.lookup(means)
    except (LookupError, ValueError):
        return None
    usable = info._is_text_encoding and info.name.replace("-", "_") not in _NOT_CHARSETS
    return info.name if usable else None


def text(raw: bytes, charset: str = "") -> str:
    """``raw`` read as ``charset``; where that cannot be right, as UTF-8 or Western European."""
    claimed = known(charset) if charset else None
    for codec in dict.fromkeys((claimed, "utf-8")):
        if codec and (read := _strictly(raw, codec)) is not None:
            return read
    if claimed and (read := _forgiving(raw, claimed)) is not None:
        return read
    return raw.decode("cp1252", "replace")


def _strictly(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except (UnicodeError, ValueError, LookupError):
        return None


def _forgiving(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec, "replace")
    except (UnicodeError, ValueError, LookupError):
        return None
