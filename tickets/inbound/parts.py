"""A mail's part whose headers are bounded and whose parameters are read in linear time; pure.

The library's own reader of parameters takes quadratic time in the semicolons after an open quote,
and it is called while the mail is being taken apart, for every part.
"""

import re
from email import policy
from email.message import Message
from email.utils import decode_params, unquote
from typing import Any

MOST_HEADERS, LONGEST_HEADER = 1000, 64_000
# What says what a part is and how it is written: nothing there has to be long.
LONGEST_OF_CONTENT = 8_000
_MOST_PARAMETERS = 200
_MARK = re.compile(r'\\"|"|;')
_BLANKS = " \t\r\n"


class Part(Message):
    """What the parser makes of each part, and of the mail as a whole."""

    def __init__(self, policy: Any = policy.compat32) -> None:
        super().__init__(policy=policy)

    def set_raw(self, name: str, value: str) -> None:
        """The parser's way to put a header: what is past the limits is left out."""
        content = name.lower().startswith("content-")
        if len(self) < MOST_HEADERS:
            super().set_raw(name, value[: LONGEST_OF_CONTENT if content else LONGEST_HEADER])

    def get_param(
        self, param: str, failobj: Any = None, header: str = "content-type", unquote: bool = True
    ) -> Any:
        """As the library says, but linear, and with the bytes beyond ASCII as they came."""
        wanted = param.lower()
        for name, value in parameters(self._as_it_came(header)):
            if name == wanted:
                return _unquoted(value) if unquote else value
        return failobj

    def _as_it_came(self, header: str) -> str:
        found = (value for name, value in self.raw_items() if name.lower() == header.lower())
        return str(next(found, ""))


def parameters(header: str) -> list[tuple[str, Any]]:
    """Names in small letters with their values; those in RFC 2231's form as triples."""
    pairs: list[tuple[str, str]] = []
    for piece in _pieces(header):
        name, _, value = piece.partition("=")
        pairs.append((name.strip(_BLANKS).lower(), value.strip(_BLANKS)))
    return decode_params(pairs)


def _pieces(header: str) -> list[str]:
    """What stands between the semicolons that stand in no quotes."""
    pieces: list[str] = []
    start, quoted = 0, False
    for mark in _MARK.finditer(header):
        if mark[0] == '"':
            quoted = not quoted
        elif mark[0] == ";" and not quoted:
            pieces.append(header[start : mark.start()])
            start = mark.end()
        if len(pieces) >= _MOST_PARAMETERS:
            return pieces
    return [*pieces, header[start:]]


def _unquoted(value: Any) -> Any:
    if isinstance(value, tuple):
        return value[0], value[1], unquote(value[2])
    return unquote(value)
