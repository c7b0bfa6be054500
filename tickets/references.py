"""Ticket references such as HD-7K3M9Q, and the signed tokens of reply addresses; pure.

A reference is short, drawn at random, and opens nothing by itself. Of every pair that looks or
sounds alike (0/O, 1/I/L, 2/Z, 5/S, 8/B, U/V) only one is used, so that either is understood.
"""

import base64
import hashlib
import hmac
import re
import secrets
import unicodedata

PREFIX = "HD"
LENGTH = 6
ALPHABET = "0123456789ACDEFGHJKMNPQRTVWXY"
IN_TEXT = re.compile(
    rf"(?<![0-9A-Za-z]){PREFIX}-[0-9A-Za-z]{{{LENGTH}}}(?![0-9A-Za-z])", re.IGNORECASE
)
_LOOKS_LIKE = str.maketrans("OILSZBU", "011528V")
_SEPARATORS = re.compile(r"[\s#\[\]._:–—‐‑-]+")
_TOKEN = re.compile(r"\A(.{1,40})\.([a-z2-7]{16})\Z")


def new_reference() -> str:
    """A fresh random reference; the database's unique constraint has the last word."""
    return f"{PREFIX}-{''.join(secrets.choice(ALPHABET) for _ in range(LENGTH))}"


def normalise(text: str) -> str | None:
    """The reference ``text`` means, in its one spelling, or None: «hd 7k3m9q» is HD-7K3M9Q.

    Forgives case, spaces, a missing prefix or dash, full-width letters and look-alikes (O for 0).
    """
    if len(text) > 40:
        return None
    letters = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()
    if len(letters) == len(PREFIX) + LENGTH and letters.startswith(PREFIX):
        letters = letters[len(PREFIX) :]
    letters = letters.translate(_LOOKS_LIKE)
    if len(letters) != LENGTH or not set(letters) <= set(ALPHABET):
        return None
    return f"{PREFIX}-{letters}"


def beginning(text: str) -> str | None:
    """How a reference begins that ``text`` is the start of: «hd-7k» is HD-7K; None where none can."""
    letters = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text[:40])).upper()
    letters = letters.removeprefix(PREFIX).translate(_LOOKS_LIKE)
    if not letters or len(letters) > LENGTH or not set(letters) <= set(ALPHABET):
        return None
    return f"{PREFIX}-{letters}"


def references_in(text: str) -> list[str]:
    """References named in a text, in order, each once."""
    meant = (normalise(found) for found in IN_TEXT.findall(text))
    return list(dict.fromkeys(reference for reference in meant if reference))


def reply_token(key: str, reference: str) -> str:
    """What makes a reply address ours: ``HD-7K3M9Q.<signature>``; good for this ticket alone."""
    return f"{reference}.{_signature(key, reference)}"


def check_token(key: str, token: str) -> str | None:
    """The reference a token was signed for, or None. Mail servers may have changed its case."""
    found = _TOKEN.match(token.strip().lower())
    reference = normalise(found[1]) if found else None
    if not found or not reference:
        return None
    return reference if hmac.compare_digest(_signature(key, reference), found[2]) else None


def _signature(key: str, reference: str) -> str:
    """80 bits in base 32: the whole stays well below the 64 letters allowed before an @."""
    digest = hmac.digest(key.encode(), f"reply-address:{reference}".encode(), hashlib.sha256)
    return base64.b32encode(digest[:10]).decode().lower()
