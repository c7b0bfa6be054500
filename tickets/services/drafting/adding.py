"""Words that the system puts into somebody's draft, and takes out of it again."""

from datetime import datetime

from django.db import transaction

from tickets.models import Draft, Ticket
from tickets.people.models import User
from tickets.services.drafting.rows import mark, rows, set_aside, whole, without


def add(*, ticket: Ticket, author: User, kind: str, text: str, now: datetime) -> None:
    """Puts ``text`` below what ``author`` has typed already; once, however often it is asked.

    Until a page has shown it, nothing that is kept or sent from an older page takes it away.
    """
    pair = [mark(), text]
    with transaction.atomic():
        draft, is_new = rows(ticket, author, kind).get_or_create(
            ticket=ticket, author=author, kind=kind,
            defaults={"body": text, "added": [pair], "version": mark(), "kept_at": now},
        )  # fmt: skip
        if is_new:
            return
        draft.taken = [each for each in draft.taken if each[1] != text]
        if text not in draft.body:
            draft.body, draft.added = whole(draft.body, [pair]), [*draft.added, pair]
            draft.kept_at = now
        draft.save(update_fields=["body", "added", "taken", "kept_at"])


def take_out(*, ticket: Ticket, author: User, kind: str, text: str) -> None:
    """Takes ``text`` out of the draft again, where it still stands there word for word.

    A page that shows it still does not bring it back with what it keeps later.
    """
    if not text:
        return
    with transaction.atomic():
        draft = rows(ticket, author, kind).first()
        asides = set_aside(ticket, author, kind).select_for_update().order_by("pk")
        for other in asides.filter(body__contains=text):
            other.body = without(other.body, text)
            other.save(update_fields=["body"])
        set_aside(ticket, author, kind).filter(body="").delete()
        if draft is None or text not in draft.body:
            return
        draft.body = without(draft.body, text)
        draft.added = [pair for pair in draft.added if pair[1] != text]
        draft.taken = [*draft.taken, [mark(), text]]
        draft.save(update_fields=["body", "added", "taken"])


def mark_of(*, ticket: Ticket, author: User, kind: str, text: str) -> str:
    """The mark of added words that no page has shown yet; "" where there are none."""
    draft = _draft(ticket, author, kind)
    return next((its for its, added in draft.added if added == text), "") if draft else ""


def _draft(ticket: Ticket, author: User, kind: str) -> Draft | None:
    return Draft.objects.filter(ticket=ticket, author=author, kind=kind, is_aside=False).first()
