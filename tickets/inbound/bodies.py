"""What a mail says and what it carries: its text, and its files; pure and never raises.

Parts are walked with a list, never by recursion, and no deeper or longer than the limits.
"""

import re
from collections.abc import Iterator
from email.message import Message
from email.utils import collapse_rfc2231_value

from tickets.files import File, clean_name
from tickets.inbound import charsets, plain
from tickets.inbound.headers import decoded

DEEPEST = 30
MOST_PARTS = 300
LONGEST_TEXT = 1_000_000
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# Outlook's own wrapping: what is in it stands in the text as well.
_WRAPPINGS = {"application/ms-tnef", "application/vnd.ms-tnef"}


def text(mail: Message) -> str:
    """The plain text of the mail, or its HTML as text where it has no other."""
    words = [_text(part) for part in _shown(mail, "text/plain")]
    if not any(each.strip() for each in words):
        words = [plain.from_html(_text(part)) for part in _shown(mail, "text/html")]
    whole = "\n\n".join(each.strip("\r\n") for each in words if each.strip())
    lines = whole[:LONGEST_TEXT].replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", lines)


def html(mail: Message) -> str:
    """The HTML of the mail as it came, not safe to be shown; empty where it has none."""
    whole = "\n".join(_text(part) for part in _shown(mail, "text/html"))
    return whole[:LONGEST_TEXT]


def within(mail: Message) -> Iterator[tuple[str, bytes]]:
    """The parts that its HTML may name, by their Content-ID."""
    for part in _leaves(mail):
        name = str(part.get("content-id", "")).strip().strip("<>")
        if name:
            yield name, _content(part)


def files(mail: Message) -> tuple[File, ...]:
    """Every part that is not the text, in order, with its name cleaned."""
    found: list[File] = []
    for part in _leaves(mail):
        if _is_file(part) and content_type(part) not in _WRAPPINGS:
            name = clean_name(_name(part) or _unnamed(part), len(found) + 1)
            found.append(File(name=name, content=_content(part)))
    return tuple(found)


def content_type(part: Message) -> str:
    """The type that the part has in truth: a multipart that could not be split is text."""
    try:
        kind = part.get_content_type()
    except Exception:  # a broken header may break any of the library's readers
        return "text/plain"
    return "text/plain" if kind.startswith("multipart/") and not part.is_multipart() else kind


def _shown(mail: Message, kind: str) -> Iterator[Message]:
    for part in _leaves(mail):
        if content_type(part) == kind and not _is_file(part):
            yield part


def _leaves(mail: Message) -> Iterator[Message]:
    """The parts that contain no others; a mail inside the mail is one part."""
    waiting: list[tuple[Message, int]] = [(mail, 0)]
    seen = 0
    while waiting and seen < MOST_PARTS:
        part, depth = waiting.pop()
        seen += 1
        if not content_type(part).startswith("multipart/"):
            yield part
        elif depth < DEEPEST:
            waiting += [(each, depth + 1) for each in reversed(_inner(part))]


def _inner(part: Message) -> list[Message]:
    if not part.is_multipart():  # get_payload() would decode, and a strange charset breaks it
        return []
    return [each for each in part.get_payload() if isinstance(each, Message)]


def _is_file(part: Message) -> bool:
    kind = content_type(part)
    disposition = _disposition(part)
    if kind in {"text/plain", "text/html"}:
        return disposition == "attachment" or bool(disposition and _name(part))
    return kind not in {"message/delivery-status", "text/rtf", "text/enriched"} or bool(_name(part))


def _disposition(part: Message) -> str:
    try:
        return part.get_content_disposition() or ""
    except Exception:
        return ""


def _name(part: Message) -> str:
    """The file's name as the sender wrote it: RFC 2231, encoded words, or bare bytes."""
    try:
        name = part.get_param("filename", None, "content-disposition") or part.get_param("name")
        said = collapse_rfc2231_value(name) if name else ""
    except Exception:
        return ""
    return decoded(charsets.text(str(said).encode("utf-8", "surrogateescape")))


def _unnamed(part: Message) -> str:
    """Pictures of a signature and forwarded mails often have no name; their type gives one."""
    kind = content_type(part)
    if kind == "message/rfc822":
        return "forwarded.eml"
    ending = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "application/pdf": "pdf",
              "text/calendar": "ics", "text/csv": "csv", "text/vcard": "vcf"}.get(kind, "bin")  # fmt: skip
    return f"unnamed.{ending}"


def _content(part: Message) -> bytes:
    try:
        if content_type(part).startswith("message/"):
            return b"".join(each.as_bytes() for each in _inner(part)[:1])
        payload = part.get_payload(decode=True)
        return payload if isinstance(payload, bytes) else b""
    except Exception:  # too deep to be written out again; the original keeps it
        return b""


def _text(part: Message) -> str:
    try:
        charset = part.get_param("charset", "")
        claimed = collapse_rfc2231_value(charset) if charset else ""
    except Exception:
        claimed = ""
    return charsets.text(_content(part)[: 4 * LONGEST_TEXT], str(claimed))
