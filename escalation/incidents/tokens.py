"""The signed keys in the links of our mails: to confirm an address, in time, and to leave again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.core.signing import BadSignature, Signer

LASTS = timedelta(days=2)
LONGEST = 200
_CONFIRMING, _LEAVING = "incidents.confirming", "incidents.leaving"


def to_confirm(key: UUID, now: datetime) -> str:
    """Good for ``LASTS`` from ``now`` on."""
    return _signed(f"{key.hex}-{int((now + LASTS).timestamp())}", _CONFIRMING)


def to_leave(key: UUID) -> str:
    """Good for ever: whoever has the mail may leave."""
    return _signed(key.hex, _LEAVING)


def who_confirms(token: str, now: datetime) -> UUID | None:
    """The subscriber's key; None for what we have not signed, and for what has expired."""
    key, _, ends = _read(token, _CONFIRMING).partition("-")
    return UUID(key) if key and datetime.fromtimestamp(int(ends), UTC) >= now else None


def who_leaves(token: str) -> UUID | None:
    """The subscriber's key; None for what we have not signed."""
    key = _read(token, _LEAVING)
    return UUID(key) if key else None


def _signed(value: str, salt: str) -> str:
    return Signer(sep=".", salt=salt).sign(value)


def _read(token: str, salt: str) -> str:
    try:
        return Signer(sep=".", salt=salt).unsign(token) if len(token) <= LONGEST else ""
    except BadSignature:
        return ""
