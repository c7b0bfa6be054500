"""What people type, checked once: refused at the field with a sentence, never cut in silence.

Mail has nobody to ask: ``tidy_subject`` and ``tidy_body`` make what it carries fit instead.
"""

import re

from tickets.errors import Invalid
from tickets.models import Ticket
from tickets.words import is_blank, straight

MAX_SUBJECT = 250
MAX_BODY = 200_000
MAX_CUSTOMER_BODY = 1_000_000
MAX_LINE = 2_000
MAX_TAG = 60
# Controls that no honest text needs, and halves of characters that no database stores.
_IN_LINE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
_IN_BODY = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def subject(text: str) -> str:
    """One line of 1 to 250 characters."""
    return line(text, "subject", "The subject", MAX_SUBJECT)


def tag(text: str) -> str:
    """One line without a comma: those stand between tags wherever people type several."""
    clean = line(text, "tags", "A tag", MAX_TAG)
    if "," in clean:
        raise Invalid("A tag has no comma; give two tags apart from each other.", "tags")
    return clean


def view_name(text: str) -> str:
    return line(text, "name", "The name", 60)


def reason(text: str, field: str = "reason", most: int = 200) -> str:
    return line(text, field, "The reason", most)


def body(text: str, field: str = "body", most: int = MAX_BODY) -> str:
    """Text of several lines, not empty, without control characters; line ends become ``\\n``."""
    if len(text) > most:
        raise Invalid(f"The text has {len(text):,} characters; {most:,} is the most.", field)
    clean = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if is_blank(clean):
        raise Invalid("Write something first.", field)
    _refuse(_IN_BODY, clean, field, "The text")
    return clean


def priority(value: str) -> str:
    if value not in Ticket.Priority.values:
        known = ", ".join(Ticket.Priority.values)
        raise Invalid(f"«{value[:40]}» is not a priority; choose one of {known}.", "priority")
    return value


def channel(value: str) -> str:
    if value not in Ticket.Channel.values:
        raise Invalid(f"«{value[:40]}» is not a channel.", "channel")
    return value


def tidy_subject(text: str) -> str:
    """A subject out of whatever a mail carries; refuses nothing."""
    plain = straight(_IN_LINE.sub(" ", text[:4000]))
    clean = " ".join(plain.split())[:MAX_SUBJECT].strip()
    return "(no subject)" if is_blank(clean) else clean


def tidy_body(text: str) -> str:
    """A body out of whatever a mail carries; refuses nothing. The raw mail keeps the original."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    clean = _IN_BODY.sub("", text[:MAX_CUSTOMER_BODY]).strip()
    return "(no text)" if is_blank(clean) else clean


def draft(text: str) -> str:
    """Words still being typed, as they can be stored; refuses nothing, blank ones are empty."""
    text = text[:MAX_BODY].replace("\r\n", "\n").replace("\r", "\n")
    clean = _IN_BODY.sub("", text).strip()
    return "" if is_blank(clean) else clean


def line(text: str, field: str, what: str, most: int) -> str:
    """One line of 1 to ``most`` characters; a refusal calls it ``what``."""
    clean = straight(text).strip()
    if is_blank(clean):
        raise Invalid(f"{what} is empty.", field)
    if len(clean) > most:
        raise Invalid(f"{what} has {len(clean):,} characters; {most:,} is the most.", field)
    if "\n" in clean or "\r" in clean:
        raise Invalid(f"{what} must be one line.", field)
    _refuse(_IN_LINE, clean, field, what)
    return clean


def _refuse(unwanted: re.Pattern[str], text: str, field: str, what: str) -> None:
    if found := unwanted.search(text):
        raise Invalid(
            f"{what} contains a character that cannot be stored (U+{ord(found[0]):04X}).", field
        )
