"""A row of the outbox as the mail that goes over the wire."""

from collections.abc import Sequence
from email.utils import format_datetime
from typing import Any

from django.core.files.storage import default_storage
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import sanitize_address

from tickets.outbox.models import Delivery, Enclosure, OutgoingMail


class OneEnvelope(EmailMultiAlternatives):
    """Shows every recipient in its headers but is handed to the server for one of them."""

    def __init__(self, *, envelope: str, **fields: Any) -> None:
        super().__init__(**fields)
        self.envelope = envelope
        self._built: Any = None

    def recipients(self) -> list[str]:
        return [self.envelope]

    def message(self, **options: Any) -> Any:
        """Built once: composing checks that it can be, sending takes what was checked."""
        if self._built is None:
            self._built = super().message(**options)
        return self._built


def compose(mail: OutgoingMail, recipient: Delivery, everyone: Sequence[Delivery]) -> OneEnvelope:
    """The mail for one recipient: the same Message-ID and Date for each of them and at every try.

    Raises ValueError for what cannot be a mail.
    """
    to, cc = _shown(everyone, Delivery.Kind.TO), _shown(everyone, Delivery.Kind.CC)
    message = OneEnvelope(
        envelope=recipient.email,
        subject=mail.subject,
        body=mail.text,
        from_email=mail.sender,
        to=to if to or cc else ["undisclosed-recipients:;"],
        cc=cc,
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers=mail.headers | {"Message-ID": mail.message_id, "Date": _date(mail)},
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    for file in mail.enclosures.all():
        message.attach(file.name, _content(file), file.content_type)
    message.message()
    return message


def _content(file: Enclosure) -> bytes:
    try:
        with default_storage.open(file.path) as opened:
            content: bytes = opened.read()
    except FileNotFoundError as problem:
        raise ValueError(f"the file «{file.name}» is not there any more") from problem
    return content


def _shown(everyone: Sequence[Delivery], kind: str) -> list[str]:
    return [
        sanitize_address((row.name, row.email), "utf-8") for row in everyone if row.kind == kind
    ]


def _date(mail: OutgoingMail) -> str:
    return format_datetime(mail.released_at or mail.written_at)
