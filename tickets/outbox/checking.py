"""What a mail may carry; checked when it is queued, so nothing can be smuggled in or fail later."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail.message import sanitize_address
from django.core.validators import validate_email

MAX_RECIPIENTS = 100
MAX_TEXT = 2_000_000
MAX_HEADER = 5_000
MAX_NAME = 160
MAX_ADDRESS = 320
MAX_EMAIL = 254
KINDS = frozenset({"to", "cc", "bcc"})
# Headers that are made of the mail's own fields, or that say how its body is to be read.
OURS = frozenset(
    {"from", "sender", "to", "cc", "bcc", "reply-to", "subject", "date", "message-id"}
    | {"mime-version", "return-path", "received"}
)
# Everything that ends a line somewhere, controls, and halves of characters that cannot be encoded.
_NOT_IN_A_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NOT_IN_TEXT = re.compile("[\x00\ud800-\udfff]")
_HEADER_NAME = re.compile(r"[!-9;-~]{1,76}")
_MESSAGE_ID = re.compile(r"<[!-;=?A-~]+@[!-;=?A-~]+>")


class BadMail(ValueError):
    """The mail cannot be sent as asked; the message says why, ``field`` names the part."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.message, self.field = message, field


@dataclass(frozen=True, slots=True)
class Recipient:
    email: str
    name: str = ""
    kind: str = "to"


def line(value: str, field: str) -> str:
    """``value``, which must stay one line of a header."""
    if found := _NOT_IN_A_LINE.search(value):
        raise BadMail(
            f"The {field} must be one line without control characters; "
            f"it contains U+{ord(found[0]):04X}.",
            field,
        )
    return value


def text(value: str, field: str) -> str:
    if len(value) > MAX_TEXT:
        raise BadMail(
            f"The {field} has {len(value):,} characters; {MAX_TEXT:,} is the most.", field
        )
    if found := _NOT_IN_TEXT.search(value):
        raise BadMail(
            f"The {field} contains a character that mail cannot carry (U+{ord(found[0]):04X}).",
            field,
        )
    return value


def address(value: str, field: str) -> str:
    """One address, bare or as ``Name <address>``, unchanged."""
    if len(line(value, field)) > MAX_ADDRESS:
        raise BadMail(f"The {field} is longer than {MAX_ADDRESS} characters.", field)
    try:
        # Refuses a list of addresses, which parseaddr would cut to its first.
        bare = parseaddr(sanitize_address(value, "utf-8"))[1]
    except ValueError:
        bare = ""
    email(bare or value, field)
    return value


def email(value: str, field: str) -> str:
    """One bare address that a mail can go to; the one judge of that, wherever an address enters."""
    try:
        validate_email(value)
        validate_email(_as_written(value))
        # The domain's rules let some invisible characters pass; quoted names are quoted twice.
        if len(value) > MAX_EMAIL or '"' in value or not value.isprintable():
            raise ValidationError("unusable")
    except (ValidationError, UnicodeError):
        shown = "".join(each if each.isprintable() else " " for each in value[:80])
        raise BadMail(f"«{shown}» is not an e-mail address.", field) from None
    return value


def _as_written(value: str) -> str:
    """The address as it stands in a mail: another alphabet's domain may grow too long, or end up
    with an empty part. Raises UnicodeError."""
    local, _, domain = value.rpartition("@")
    return value if domain.startswith("[") else f"{local}@{domain.encode('idna').decode('ascii')}"


def is_mailable(value: str | None) -> bool:
    """Whether a stored address can be mailed to."""
    try:
        return bool(value and email(value, "email"))
    except BadMail:
        return False


def is_ours(value: str) -> bool:
    """Whether mail to ``value`` comes back to us: the support address, with or without a token."""
    local, _, domain = value.strip().lower().rpartition("@")
    our_local, _, our_domain = settings.SUPPORT_ADDRESS.lower().rpartition("@")
    return domain == our_domain and (local == our_local or local.startswith(f"{our_local}+"))


def of_somebody(value: str) -> str:
    """The address of somebody who is not us. Raises BadMail."""
    if is_ours(email(value, "email")):
        raise BadMail(f"{value} is our own address; mail to it would come back.", "email")
    return value


def validate(value: str) -> None:
    """For a column of addresses: as ``of_somebody``."""
    try:
        of_somebody(value)
    except BadMail as refusal:
        raise ValidationError(refusal.message) from None


def reachable(people: Iterable[tuple[str | None, str]]) -> list[Recipient]:
    """Of addresses with names those that can be mailed, each name in one line."""
    return [
        Recipient(address, " ".join("".join(c if c.isprintable() else " " for c in name).split()))
        for address, name in people
        if address and is_mailable(address)
    ]


def message_id(value: str) -> str:
    if len(value) > 250 or not _MESSAGE_ID.fullmatch(value):
        raise BadMail(f"«{value[:80]}» is not a Message-ID.", "message_id")
    return value


def headers(given: Mapping[str, str]) -> dict[str, str]:
    """Further headers; those that the mail's own fields make are refused."""
    for name, value in given.items():
        if not _HEADER_NAME.fullmatch(name):
            raise BadMail(f"«{name[:80]}» is not the name of a header.", "headers")
        if name.lower() in OURS or name.lower().startswith("content-"):
            raise BadMail(f"The header {name} is made by the outbox itself.", "headers")
        if len(value) > MAX_HEADER:
            raise BadMail(f"The header {name} is longer than {MAX_HEADER:,} characters.", "headers")
        line(value, name)
    return dict(given)


def recipients(given: Sequence[Recipient]) -> list[Recipient]:
    """Each address once, whatever its capitals; the first mention counts."""
    people: dict[str, Recipient] = {}
    for person in given:
        if person.kind not in KINDS:
            raise BadMail(f"«{person.kind[:20]}» is none of to, cc and bcc.", "recipients")
        email(person.email, "recipients")
        name = line(person.name, "recipient's name")[:MAX_NAME]
        people.setdefault(person.email.lower(), replace(person, name=name))
    if len(people) > MAX_RECIPIENTS:
        raise BadMail(f"A mail goes to at most {MAX_RECIPIENTS} recipients.", "recipients")
    return list(people.values())
