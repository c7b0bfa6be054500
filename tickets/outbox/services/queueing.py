"""Putting mails into the outbox, in the transaction of their cause."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.db import transaction

from tickets.outbox import checking
from tickets.outbox.checking import BadMail, Recipient
from tickets.outbox.models import Delivery, Enclosure, OutgoingMail
from tickets.people.models import User

MAX_SUBJECT = 300
# Below what goes to staff: an answer would reach our mailbox, and there no person.
UNREAD = "Answers to this mail are not read."
OPEN_IT = " Open the link to act on it."


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A mail that is to be queued; ``release_at`` None means that it leaves at once."""

    purpose: str
    recipients: Sequence[Recipient]
    subject: str
    text: str
    html: str = ""
    release_at: datetime | None = None
    author: User | None = None
    sender: str | None = None
    reply_to: str = ""
    headers: Mapping[str, str] | None = None
    message_id: str | None = None


def queue(
    *,
    purpose: str,
    recipients: Sequence[Recipient],
    subject: str,
    text: str,
    now: datetime,
    html: str = "",
    release_at: datetime | None = None,
    author: User | None = None,
    sender: str | None = None,
    reply_to: str = "",
    headers: Mapping[str, str] | None = None,
    message_id: str | None = None,
) -> OutgoingMail:
    """Stores a mail that leaves at ``release_at``, or with the next delivery when None.

    The Message-ID is fixed here, so that a second delivery after a crash is the same mail. A mail
    without recipients (a customer without an address) counts as sent when it is released. Raises
    BadMail, before anything is written, for what could not be sent or would smuggle in headers; a
    subject longer than 300 characters is cut.
    """
    draft = Draft(
        purpose=purpose, recipients=recipients, subject=subject, text=text, html=html,
        release_at=release_at, author=author, sender=sender, reply_to=reply_to, headers=headers,
        message_id=message_id,
    )  # fmt: skip
    return queue_many([draft], now=now)[0]


def queue_many(drafts: Sequence[Draft], *, now: datetime) -> list[OutgoingMail]:
    """As ``queue``, with two INSERTs however many there are; all of them or none."""
    people = [checking.recipients(draft.recipients) for draft in drafts]
    mails = [_mail(draft, bool(each), now) for draft, each in zip(drafts, people, strict=True)]
    # Without a savepoint of its own: callers queue inside the transaction of the mail's cause.
    with transaction.atomic(savepoint=False):
        OutgoingMail.objects.bulk_create(mails)
        Delivery.objects.bulk_create(
            Delivery(
                mail=mail, kind=person.kind, name=person.name, email=person.email,
                next_try_at=mail.released_at,
            )
            for mail, each in zip(mails, people, strict=True)
            for person in each
        )  # fmt: skip
    return mails


def enclose(*, mail: OutgoingMail, files: Iterable[tuple[str, str, str]]) -> None:
    """Files that a mail still held takes along, each as (path in the storage, name, type)."""
    Enclosure.objects.bulk_create(
        Enclosure(mail=mail, path=path, name=name, content_type=kind) for path, name, kind in files
    )


def _mail(draft: Draft, addressed: bool, now: datetime) -> OutgoingMail:
    if draft.purpose not in OutgoingMail.Purpose.values:
        raise BadMail(f"«{draft.purpose[:20]}» is no purpose of a mail.", "purpose")
    key = uuid.uuid4()
    free = draft.release_at is None
    sent_at = now if free and not addressed else None
    return OutgoingMail(
        key=key,
        state=_state(free, sent_at),
        purpose=draft.purpose,
        message_id=checking.message_id(draft.message_id or f"<{key.hex}@{_domain()}>"),
        sender=checking.address(draft.sender or settings.DEFAULT_FROM_EMAIL, "sender"),
        reply_to=checking.address(draft.reply_to, "reply_to") if draft.reply_to else "",
        subject=_cut(checking.line(draft.subject, "subject")),
        text=checking.text(_words(draft), "text"),
        html=checking.text(draft.html, "html"),
        headers=checking.headers(draft.headers or {}),
        author=draft.author,
        written_at=now,
        release_at=draft.release_at or now,
        released_at=now if free else None,
        sent_at=sent_at,
        # Its owner's rows do not refer to it yet; the next pass tells them.
        announce_at=sent_at,
    )


def _words(draft: Draft) -> str:
    if draft.purpose != OutgoingMail.Purpose.ALERT:
        return draft.text
    return f"{draft.text.rstrip()}\n\n{UNREAD}{OPEN_IT if '://' in draft.text else ''}\n"


def _state(free: bool, sent_at: datetime | None) -> str:
    if sent_at:
        return OutgoingMail.State.SENT
    return OutgoingMail.State.RELEASED if free else OutgoingMail.State.HELD


def _cut(subject: str) -> str:
    return subject if len(subject) <= MAX_SUBJECT else subject[: MAX_SUBJECT - 1] + "…"


def _domain() -> str:
    domain = parseaddr(settings.SUPPORT_ADDRESS)[1].rpartition("@")[2] or "localhost"
    return domain.encode("idna").decode("ascii")
