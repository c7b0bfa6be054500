"""Typed readers of the environment: every bad or missing value names itself and says what would do."""

import os
import re
from collections.abc import Callable, Collection
from datetime import timedelta
from itertools import pairwise
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit
from zoneinfo import available_timezones

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email
from django.http.request import validate_host
from django.utils.module_loading import import_string

T = TypeVar("T")
_HOST = re.compile(r"\*|\.?[^\s:/@\[\]]+|\[[0-9A-Fa-f:.]+\]")
TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def _read(name: str, default: T, convert: Callable[[str], T], wanted: str) -> T:
    raw = os.environ.get(name)
    if raw is None:
        return default
    try:
        return convert(raw.strip())
    except (ValueError, KeyError) as problem:
        raise ImproperlyConfigured(f"{name}={raw!r} is not {wanted}: {problem}") from problem


def text(name: str, default: str = "") -> str:
    """The variable as text; line breaks are refused, because these values reach headers."""

    def one_line(raw: str) -> str:
        if any(ord(letter) < 32 for letter in raw):
            raise ValueError("control characters are not allowed")
        return raw

    return _read(name, default, one_line, "one line of text")


def flag(name: str, default: bool = False) -> bool:
    """A yes or no: true/false, yes/no, on/off, 1/0."""

    def parse(raw: str) -> bool:
        if raw.lower() in TRUE | FALSE:
            return raw.lower() in TRUE
        raise ValueError("write true or false")

    return _read(name, default, parse, "a yes or no")


def number(name: str, default: int, *, least: int = 0, most: int = 2**31) -> int:
    """A whole number between ``least`` and ``most``."""

    def parse(raw: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", raw):
            raise ValueError("write it in the digits 0 to 9")
        value = int(raw)
        if not least <= value <= most:
            raise ValueError(f"it must lie between {least} and {most}")
        return value

    return _read(name, default, parse, "a whole number")


def minutes(name: str, default: int, *, most: int = 60 * 24) -> timedelta:
    """A duration given in whole minutes."""
    return timedelta(minutes=number(name, default, most=most))


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list without empty entries."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def web_address(name: str, default: str) -> str:
    """An http(s) address without a trailing slash, such as ``https://help.example.com``."""

    def parse(raw: str) -> str:
        parts = urlsplit(raw)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("it must start with http:// or https:// and name a host")
        if set(raw) & set("?#@ "):
            raise ValueError("write it without a question mark, a fragment or a user's name")
        _check_port(parts)
        return raw.rstrip("/")

    return _read(name, default, parse, "a web address")


def _check_port(parts: SplitResult) -> None:
    try:
        _ = parts.port
    except ValueError:
        raise ValueError("its port must be a number up to 65535") from None


def page(name: str, default: str) -> str:
    """A path of this site, such as ``/live/stream/``, or a whole web address."""

    def parse(raw: str) -> str:
        if raw.startswith("/") and not raw.startswith("//"):
            return raw
        parts = urlsplit(raw)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
            raise ValueError("it must start with / or with https:// and a host")
        _check_port(parts)
        return raw

    return _read(name, default, parse, "an address")


def origin(address: str) -> str:
    """Scheme, host and port of a web address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def one_of(name: str, default: str, allowed: Collection[str]) -> str:
    """One of a few words, whatever its case."""

    def parse(raw: str) -> str:
        if raw.upper() not in allowed:
            raise ValueError(f"choose {', '.join(sorted(allowed))}")
        return raw.upper()

    return _read(name, default, parse, "a known word")


def time_zone(name: str, default: str) -> str:
    """An IANA zone such as ``Europe/Berlin``."""

    def parse(raw: str) -> str:
        if raw not in available_timezones():
            raise ValueError("write an IANA name such as Europe/Berlin")
        return raw

    return _read(name, default, parse, "a time zone")


def currency(name: str, default: str) -> str:
    """Three capital letters of ISO 4217."""

    def parse(raw: str) -> str:
        if not (len(raw) == 3 and raw.isascii() and raw.isalpha() and raw.isupper()):
            raise ValueError("write three capital letters such as EUR")
        return raw

    return _read(name, default, parse, "a currency")


def address(name: str, default: str, *, longest_local: int = 64) -> str:
    """A bare e-mail address, without a display name."""

    def parse(raw: str) -> str:
        try:
            validate_email(raw)
        except ValidationError as problem:
            raise ValueError("write it like help@example.com") from problem
        if len(raw.rpartition("@")[0]) > longest_local:
            raise ValueError(f"write at most {longest_local} characters before the @")
        return raw

    return _read(name, default, parse, "an e-mail address")


def broker(name: str, default: str) -> str:
    """Where Celery's messages go: Redis, or this process's own memory."""

    def parse(raw: str) -> str:
        parts = urlsplit(raw)
        if parts.scheme not in {"redis", "rediss", "memory"}:
            raise ValueError("it must start with redis://, rediss:// or memory://")
        _check_port(parts)
        if parts.scheme != "memory" and not re.fullmatch(r"/?[0-9]*", parts.path):
            raise ValueError("its database must be a number, as in redis://127.0.0.1:6379/0")
        return raw

    return _read(name, default, parse, "a broker")


def dotted(name: str, default: str) -> str:
    """The dotted name of something that can be imported."""

    def parse(raw: str) -> str:
        try:
            import_string(raw)
        except Exception as problem:  # whatever its module does when it is read
            raise ValueError("nothing can be imported under this name") from problem
        return raw

    return _read(name, default, parse, "a class")


def host(name: str, default: str) -> str:
    """The name of a machine."""

    def parse(raw: str) -> str:
        if not raw or set(raw) & set(" /@") or ("://" in raw):
            raise ValueError("write a host's name such as mail.example.com")
        return raw

    return _read(name, default, parse, "a host")


def hosts(name: str, default: str, *, serving: str) -> list[str]:
    """Host names that are answered; ``serving``'s own must be among them."""
    allowed = words(name, default)
    if not allowed or not all(_HOST.fullmatch(each) for each in allowed):
        raise ImproperlyConfigured(
            f"{name} must be host names such as help.example.com, without a port"
        )
    ours = urlsplit(serving).hostname or ""
    if not validate_host(f"[{ours}]" if ":" in ours else ours, allowed):
        raise ImproperlyConfigured(f"{name} does not list {ours}, which BASE_URL names")
    return allowed


def at_most_one(*names: str) -> None:
    """Refuses settings that contradict one another."""
    if sum(flag(name) for name in names) > 1:
        raise ImproperlyConfigured(f"Only one of {' and '.join(names)} can be true")


def in_order(**spans: timedelta) -> None:
    """Refuses durations that do not grow from the first to the last."""
    for (lower, short), (upper, long) in pairwise(spans.items()):
        if short > long:
            raise ImproperlyConfigured(f"{lower} must not be longer than {upper}")
