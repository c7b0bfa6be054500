"""Short-lived signed tokens: who may hear what until when. Pure, so that the stream needs no Django.

Made where access is known; the stream only reads them. One that has ended opens nothing, so whoever
lost access hears nothing more after its few minutes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass

# Of a web address, servers take eight thousand characters.
LONGEST = 7_000
_PURPOSE = b"tickets.live.tokens:"


@dataclass(frozen=True, slots=True)
class Grant:
    user: int
    topics: frozenset[str]
    until: int  # in seconds since 1970


def sign(grant: Grant, secret: str) -> str:
    """The grant as a token that only who has ``secret`` can have made."""
    said = json.dumps([grant.user, grant.until, sorted(grant.topics)], separators=(",", ":"))
    body = _armoured(said.encode())
    return f"{body}.{_armoured(_seal(body, secret))}"


def read(token: str, secret: str, *, now: float) -> Grant | None:
    """What the token grants; None of one that was forged, was cut, or has ended."""
    body, _, seal = token.partition(".")
    if len(token) > LONGEST or not token.isascii():
        return None
    if not hmac.compare_digest(_armoured(_seal(body, secret)), seal):
        return None
    try:
        user, until, topics = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (ValueError, TypeError, binascii.Error):
        return None
    return Grant(user, frozenset(topics), until) if until > now else None


def _seal(body: str, secret: str) -> bytes:
    key = hashlib.sha256(_PURPOSE + secret.encode()).digest()
    return hmac.digest(key, body.encode(), "sha256")


def _armoured(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
