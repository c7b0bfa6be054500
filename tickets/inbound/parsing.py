"""Bytes → ParsedMail: what a mail says, cleaned of every trap that we know of; pure.

Raises nothing but Unparsable, whatever the bytes; fuzzed in ``tests/inbound/test_fuzz.py``.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser

from tickets.files import File
from tickets.inbound import bodies, headers
from tickets.inbound.headers import Address
from tickets.inbound.parts import LONGEST_HEADER, MOST_HEADERS, Part

_MOST_PARTS, _MOST_WORK = 10_000, 4_000_000
_BOUNDARY = re.compile(rb"boundary\s*+[=*]", re.IGNORECASE)
_MOST_REPORT = 1_000_000
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n|\r\r")
_BOUNCERS = re.compile(r"\A(?:mailer-daemon|postmaster|mail-daemon|bounces?(?:[+=-].*)?)\Z")
_REPORTS = {"delivery-status", "disposition-notification", ""}
_LISTS = {"bulk", "junk", "list", "auto_reply", "auto-reply"}
_DO_NOT_ANSWER = re.compile(r"\A(?:no|do[._-]?not)[._-]?reply\b")
_DELIVERED_TO = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
_FAILED = re.compile(rb"^Action:[ \t]*failed", re.IGNORECASE | re.MULTILINE)
_BOUNCED_ID = re.compile(
    rb"^Message-ID:\s{0,4}(<[^<>\s\x00-\x1f\x7f]{1,248}>)", re.IGNORECASE | re.MULTILINE
)


class Unparsable(ValueError):
    """The bytes are no mail; a person has to look at them."""


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A mail as far as we use it. Every text is free of control characters but line breaks."""

    sender: Address | None
    other_senders: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    delivered_to: tuple[str, ...] = ()
    subject: str = ""
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    date: datetime | None = None
    text: str = ""
    files: tuple[File, ...] = ()
    loop_marks: tuple[str, ...] = ()
    # What it is, by its own headers; each a few words for a person, or empty.
    bounce: str = ""
    automatic: str = ""
    bulk: str = ""
    wants_no_answer: bool = False
    # A permanent failure report names the mail of ours that did not arrive.
    undelivered: str = ""

    @property
    def thread(self) -> list[str]:
        """What it answers, the most direct first."""
        return list(dict.fromkeys([*reversed(self.in_reply_to), *reversed(self.references)]))

    @property
    def key(self) -> str:
        """The same for one mail that came by two ways, whatever was stamped on it; or empty."""
        if not self.message_id or not self.sender:
            return ""
        what = "\x00".join([self.message_id, self.sender.email, self.subject, self.text])
        return hashlib.sha256(what.encode("utf-8", "replace")).hexdigest()


def parse(raw: bytes) -> ParsedMail:
    """Reads a mail. Raises Unparsable when there is nothing of a mail in it."""
    mail = message_of(raw)
    senders = headers.addresses(mail, "from")
    if not senders:
        senders = headers.addresses(mail, "sender") or headers.addresses(mail, "return-path")
    sender = senders[0] if senders else None
    bounce = _bounce(mail, sender)
    return ParsedMail(
        sender=sender,
        other_senders=tuple(senders[1:]),
        to=tuple(headers.addresses(mail, "to")),
        cc=tuple(headers.addresses(mail, "cc")),
        delivered_to=tuple(each.email for each in headers.addresses(mail, *_DELIVERED_TO)),
        subject=headers.line(mail, "subject")[:1000],
        message_id=next(iter(headers.ids(mail, "message-id")), ""),
        in_reply_to=tuple(headers.ids(mail, "in-reply-to")),
        references=tuple(headers.ids(mail, "references")),
        date=headers.date(mail),
        text=bodies.text(mail),
        files=bodies.files(mail),
        loop_marks=tuple(headers.one_line(each).lower() for each in headers.raw(mail, "x-loop")),
        bounce=bounce,
        automatic=_automatic(mail),
        bulk=_bulk(mail),
        wants_no_answer=_wants_no_answer(mail, sender),
        undelivered=_undelivered(raw) if bounce else "",
    )


def message_of(raw: bytes) -> Message:
    """The library's object, whatever the bytes. Raises Unparsable where they have no headers."""
    mail = _message(raw)
    if not mail.keys():
        raise Unparsable("It has no headers.")
    return mail


def _message(raw: bytes) -> Message:
    """With ``compat32``: the modern policies raise in the middle of parsing."""
    found = _END_OF_HEADERS.search(raw)
    end = found.end() if found else len(raw)
    head, body = _shortened(raw[:end]), raw[end:]
    if _costs_too_much(body):
        return _undivided(head, body)
    try:
        return BytesParser(_class=Part, policy=policy.compat32).parsebytes(head + body)
    except Exception:  # RecursionError of deep multiparts, and whatever else it may be
        return _undivided(head, body)


def _costs_too_much(body: bytes) -> bool:
    """The library makes an object per part, and looks at each line once per open multipart."""
    multiparts = len(_BOUNDARY.findall(body)) + 1
    return body.count(b"\n--") > _MOST_PARTS or body.count(b"\n") * multiparts > _MOST_WORK


def _undivided(head: bytes, body: bytes) -> Message:
    """What cannot be taken apart is shown as it is: its headers, and all the rest as text."""
    try:
        mail = BytesHeaderParser(_class=Part, policy=policy.compat32).parsebytes(head)
        for name in ("content-type", "content-transfer-encoding"):
            del mail[name]
        mail.set_payload(body[: bodies.LONGEST_TEXT].decode("ascii", "surrogateescape"))
        return mail
    except Exception as problem:
        raise Unparsable(f"It cannot be read: {type(problem).__name__}.") from problem


def _shortened(head: bytes) -> bytes:
    """The header lines, without the ends of endless ones and without those past a thousand."""
    if len(head) <= LONGEST_HEADER:
        return head
    kept: list[bytes] = []
    count = size = 0
    for line in head.splitlines(keepends=True):
        folded = line[:1] in b" \t"
        count, size = (count, size) if folded else (count + 1, 0)
        room = LONGEST_HEADER - size
        size += len(line)
        if count <= MOST_HEADERS and room > 0:
            kept.append(line if len(line) <= room else line[:room] + b"\n")
    return b"".join(kept) + b"\n"


def _bounce(mail: Message, sender: Address | None) -> str:
    if _empty_return_path(mail):
        return "an empty return path"
    is_report = bodies.content_type(mail) == "multipart/report"
    if is_report and _param(mail, "report-type") in _REPORTS:
        return "a delivery report"
    if headers.raw(mail, "x-failed-recipients"):
        return "a delivery report"
    if sender and _BOUNCERS.match(sender.email.partition("@")[0]):
        return f"from {sender.email}"
    return ""


def _empty_return_path(mail: Message) -> bool:
    paths = [each.strip() for each in headers.raw(mail, "return-path")]
    return bool(paths) and paths[0].replace(" ", "") in {"<>", ""}


def _automatic(mail: Message) -> str:
    """RFC 3834, and what was in use before it."""
    said = headers.token(mail, "auto-submitted")
    if said and said != "no":
        return f"Auto-Submitted: {said[:40]}"
    for name in ("x-autoreply", "x-autorespond", "x-auto-reply", "x-mail-autoreply"):
        if headers.raw(mail, name) and headers.token(mail, name) != "no":
            return name
    return ""


def _bulk(mail: Message) -> str:
    precedence = headers.token(mail, "precedence")
    if precedence in _LISTS:
        return f"Precedence: {precedence}"
    return "List-Id" if headers.raw(mail, "list-id") else ""


def _wants_no_answer(mail: Message, sender: Address | None) -> bool:
    suppressed = {
        each.strip() for each in headers.line(mail, "x-auto-response-suppress").lower().split(",")
    }
    if suppressed & {"all", "autoreply", "oof"}:
        return True
    return bool(sender and _DO_NOT_ANSWER.match(sender.email))


def _undelivered(raw: bytes) -> str:
    """The Message-ID in the returned headers of a report that says «failed»; the last one named."""
    body = raw[:_MOST_REPORT]
    found = _BOUNCED_ID.findall(body) if _FAILED.search(body) else []
    return found[-1].decode("ascii", "replace") if len(found) > 1 else ""


def _param(mail: Message, name: str) -> str:
    try:
        value = mail.get_param(name, "")
        return str(value).lower() if isinstance(value, str) else ""
    except Exception:
        return ""
