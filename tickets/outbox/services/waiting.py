"""While a mail is held: recall, edit, send now, move its release. Or held again. Each has exactly one winner."""

from datetime import datetime

from django.db import transaction

from tickets.outbox import checking
from tickets.outbox.models import Delivery, OutgoingMail

State = OutgoingMail.State


def recall(*, mail: OutgoingMail, now: datetime) -> bool:
    """Takes a held mail back; False when it is not held any more."""
    return _while_held(mail, state=State.RECALLED, recalled_at=now)


def hold_again(*, mail: OutgoingMail, now: datetime) -> bool:
    """A mail that was taken back waits again for the instant it had; False where that has passed."""
    if mail.release_at <= now:
        return False
    return _set(mail, State.RECALLED, state=State.HELD, recalled_at=None)


def edit(
    *, mail: OutgoingMail, text: str, now: datetime, html: str = "", subject: str | None = None
) -> bool:
    """Other words for a held mail; False when it is not held any more. Raises BadMail."""
    fields = {"text": checking.text(text, "text"), "html": checking.text(html, "html")}
    if subject is not None:
        fields["subject"] = checking.line(subject, "subject")[:300]
    return _while_held(mail, **fields)


def send_now(*, mail: OutgoingMail, now: datetime) -> bool:
    """Ends the hold here and now: no recall can follow, and the next delivery takes the mail.

    False when it is not held any more.
    """
    with transaction.atomic():
        if not _while_held(mail, state=State.RELEASED, release_at=now, released_at=now):
            return False
        if not Delivery.objects.filter(mail=mail).update(next_try_at=now):
            # Nobody to mail to: sent from now on; the next pass tells its owner.
            _set(mail, State.RELEASED, state=State.SENT, sent_at=now, announce_at=now)
    return True


def retime(*, mail: OutgoingMail, release_at: datetime) -> bool:
    """Moves the release of a held mail; False when it is not held any more."""
    return _while_held(mail, release_at=release_at)


def _while_held(mail: OutgoingMail, **fields: object) -> bool:
    return _set(mail, State.HELD, **fields)


def _set(mail: OutgoingMail, while_state: str, /, **fields: object) -> bool:
    if not OutgoingMail.objects.filter(pk=mail.pk, state=while_state).update(**fields):
        return False
    for name, value in fields.items():
        setattr(mail, name, value)
    return True
