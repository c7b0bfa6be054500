"""Words on their way: kept on the server while they are typed, gone once they are sent."""

import secrets
from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from tickets.errors import Invalid
from tickets.models import Draft, Message, Ticket
from tickets.people.models import User
from tickets.services import words

LONGEST_CC = 1000


def keep(
    *,
    ticket: Ticket,
    author: User,
    kind: str,
    body: str,
    now: datetime,
    cc: str | None = None,
    since: datetime | None = None,
    shown: Collection[str] = (),
) -> bool:
    """Keeps what ``author`` has typed, in place of what was kept before; emptied, it is forgotten.

    Words that were added meanwhile stay below it, unless the page had them: in its text, or among
    the marks that it has ``shown``. Words that were sent after ``since``, when the page was loaded,
    are no draft any more: the browser's last word may arrive after the message itself. ``cc`` stays
    as it was where none is given. Returns whether what was typed is kept. Touches neither the
    ticket's version nor any clock. Raises Invalid for what is no draft.
    """
    if kind not in dict(Draft.KINDS):
        raise Invalid(f"«{kind[:20]}» is nothing that is drafted.", "kind")
    body = words.draft(body)
    if not body or _was_sent(ticket, author, kind, body, since):
        forget(ticket=ticket, author=author, kind=kind, said=body, shown=shown)
        return False
    with transaction.atomic():
        draft, is_new = _rows(ticket, author, kind).get_or_create(
            ticket=ticket, author=author, kind=kind, defaults={"body": body, "kept_at": now}
        )
        draft.added = [] if is_new else _unseen(draft, body, shown)
        draft.body, draft.kept_at = _whole(body, draft.added), now
        draft.cc = draft.cc if cc is None else words.draft(cc)[:LONGEST_CC]
        draft.save()
    return True


def add(*, ticket: Ticket, author: User, kind: str, text: str, now: datetime) -> None:
    """Puts ``text`` below what ``author`` has typed already; once, however often it is asked.

    Until a page has shown it, nothing that is kept or sent from an older page takes it away.
    """
    pair = [secrets.token_hex(6), text]
    with transaction.atomic():
        draft, is_new = _rows(ticket, author, kind).get_or_create(
            ticket=ticket, author=author, kind=kind,
            defaults={"body": text, "added": [pair], "kept_at": now},
        )  # fmt: skip
        if not is_new and text not in draft.body:
            draft.body, draft.added = _whole(draft.body, [pair]), [*draft.added, pair]
            draft.kept_at = now
            draft.save(update_fields=["body", "added", "kept_at"])


def take_out(*, ticket: Ticket, author: User, kind: str, text: str) -> None:
    """Takes ``text`` out of the draft again, where it still stands there word for word."""
    with transaction.atomic():
        draft = _rows(ticket, author, kind).first()
        if draft is None or not text or text not in draft.body:
            return
        before, _, after = draft.body.partition(text)
        draft.body = "\n\n".join(filter(None, (before.rstrip(), after.lstrip())))
        draft.added = [pair for pair in draft.added if pair[1] != text]
        if draft.body:
            draft.save(update_fields=["body", "added"])
        else:
            draft.delete()


def forget(
    *, ticket: Ticket, author: User, kind: str, said: str = "", shown: Collection[str] = ()
) -> None:
    """What was sent, or thrown away, is no draft any more; what no page has shown yet stays.

    ``said`` is what was sent, ``shown`` the marks of the added words that its page has shown.
    """
    with transaction.atomic():
        draft = _rows(ticket, author, kind).first()
        if draft is None:
            return
        draft.added = _unseen(draft, said, shown)
        if draft.added:
            draft.body, draft.cc = _whole("", draft.added), ""
            draft.save(update_fields=["body", "added", "cc"])
        else:
            draft.delete()


def mark_of(*, ticket: Ticket, author: User, kind: str, text: str) -> str:
    """The mark of added words that no page has shown yet; "" where there are none."""
    draft = Draft.objects.filter(ticket=ticket, author=author, kind=kind).first()
    return next((mark for mark, added in draft.added if added == text), "") if draft else ""


def of(ticket: Ticket, author: User) -> dict[str, Draft]:
    """The drafts of one person on one ticket, by kind."""
    return {draft.kind: draft for draft in Draft.objects.filter(ticket=ticket, author=author)}


def _was_sent(ticket: Ticket, author: User, kind: str, body: str, since: datetime | None) -> bool:
    if since is None:
        return False
    sent = Message.objects.filter(ticket=ticket, author=author, kind=kind, at__gte=since)
    return sent.filter(body=body).exclude(mail__state="recalled").exists()


def _rows(ticket: Ticket, author: User, kind: str) -> QuerySet[Draft]:
    """The one draft, for changing it."""
    return Draft.objects.select_for_update().filter(ticket=ticket, author=author, kind=kind)


def _unseen(draft: Draft, body: str, shown: Collection[str]) -> list[list[str]]:
    """The added words of which the page that brought ``body`` did not know."""
    return [pair for pair in draft.added if pair[0] not in shown and pair[1] not in body]


def _whole(body: str, added: list[list[str]]) -> str:
    return words.draft("\n\n".join(filter(None, [body, *(text for _, text in added)])))
