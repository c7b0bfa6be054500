"""Filling fields in: a fixed vocabulary, no template language; pure.

A field without a value becomes words that read well all the same, and never an error: an agent on
the phone reads what stands there.
"""

import re
from collections.abc import Mapping

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
}
_FIELD = re.compile(r"\{([^{}\n]{0,60})\}")
_BRACE = re.compile(r"[{}]")


def unknown_fields(text: str) -> list[str]:
    """Fields (and stray braces) in ``text`` that cannot be filled in, each once, in order."""
    strange = [f"{{{name}}}" for name in _FIELD.findall(text) if name not in VOCABULARY]
    strange += _BRACE.findall(_FIELD.sub("", text))
    return list(dict.fromkeys(strange))


def fill_in(text: str, values: Mapping[str, str]) -> str:
    """``text`` with its known fields replaced; values are inserted once and never read again."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name not in VOCABULARY:
            return match[0]
        return " ".join(shown(values.get(name, "")).split()) or VOCABULARY[name]

    return _FIELD.sub(value, text)
