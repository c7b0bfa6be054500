"""Filling fields in: a fixed vocabulary, no template language; pure.

A field without a value becomes words that read well all the same, and never an error: an agent on
the phone reads what stands there.
"""

import re
from collections.abc import Mapping, Sequence

from tickets.words import shown

# Each field and what stands there when its value is not known.
VOCABULARY = {
    "customer": "the customer",
    "first_name": "there",
    "organization": "your company",
    "reference": "your reference",
    "subject": "your question",
    "agent": "your agent",
    "company": "our company",
    "team": "our team",
    "supervisor": "my supervisor",
    "order": "your order",
    "product": "your product",
    "expected_by": "as soon as we can",
    "moment": "a moment",
    "amount": "the amount agreed",
    "order_part": "your order",
}
# Those that only something given has a value for.
OF_OFFERS = ("amount", "order_part")
_FIELD = re.compile(r"\{([^{}\n]{0,60})\}")
# «{first_name}, I would …» and «Thank you, {first_name}.», but not «Hello {first_name},».
_BEFORE = re.compile(r"(^|[.!?\n] ?)\{first_name\}, (\w)")
_AFTER = re.compile(r", \{first_name\}(?=[.,;?!])")
_BRACE = re.compile(r"[{}]")
_WORD = re.compile(r"\w+")
_QUOTED = re.compile(r"^\s*>.*$", re.MULTILINE)
# A text of fewer letters may stand anywhere by chance; no value is longer.
_ENOUGH, _LONGEST = 12, 300


def unknown_fields(text: str) -> list[str]:
    """Fields (and stray braces) in ``text`` that cannot be filled in, each once, in order."""
    strange = [f"{{{name}}}" for name in _FIELD.findall(text) if name not in VOCABULARY]
    strange += _BRACE.findall(_FIELD.sub("", text))
    return list(dict.fromkeys(strange))


def fill_in(text: str, values: Mapping[str, str]) -> str:
    """``text`` with its known fields replaced; values are inserted once and never read again.

    Somebody whose name is not known yet is not addressed by one.
    """
    if not shown(values.get("first_name", "")).strip():
        text = _AFTER.sub("", _BEFORE.sub(lambda match: match[1] + match[2].upper(), text))

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name not in VOCABULARY:
            return match[0]
        return " ".join(shown(values.get(name, "")).split()) or VOCABULARY[name]

    return _FIELD.sub(value, text)


def says(said: str, text: str) -> bool:
    """Whether ``text`` stands in ``said``, with whatever values in its fields.

    Word for word; line ends, marks and capitals do not count, nor does what is quoted.
    """
    first, *parts = [plain for each in _FIELD.split(text)[::2] if (plain := _plain(each))] or [""]
    if len(first) + sum(map(len, parts)) < _ENOUGH:
        return False
    plain = _plain(_QUOTED.sub("", said))
    at = plain.find(first)
    while at >= 0:
        if _goes_on(plain, at + len(first), parts):
            return True
        at = plain.find(first, at + 1)
    return False


def _goes_on(plain: str, at: int, parts: Sequence[str]) -> bool:
    for part in parts:
        found = plain.find(part, at, at + len(part) + _LONGEST)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


def with_fields(text: str, values: Mapping[str, str]) -> str:
    """``text`` with the fields in place of ``values``: what was written to one customer, for the next.

    Whole words only, the longest first, and nothing that was put in is read again.
    """
    named: dict[str, str] = {}
    for name, value in values.items():
        named.setdefault(" ".join(shown(value).split()), name)
    known = sorted((each for each in named if len(each) > 1), key=len, reverse=True)
    if not known:
        return text
    either = "|".join(map(re.escape, known))
    return re.sub(rf"(?<!\w)(?:{either})(?!\w)", lambda match: f"{{{named[match[0]]}}}", text)


def moment(seconds: int) -> str:
    """A length of time as one says it on the phone: 45 seconds, a minute, 2 minutes."""
    if seconds % 60:
        return f"{seconds} seconds" if seconds < 120 else f"{seconds // 60 + 1} minutes"
    return "a minute" if seconds == 60 else f"{seconds // 60} minutes"
