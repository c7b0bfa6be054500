"""Keeping what is typed, and forgetting what was sent; of two windows neither overwrites the other."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from tickets.errors import Invalid
from tickets.models import Draft, Message, Ticket
from tickets.people.models import User
from tickets.services import words
from tickets.services.drafting.rows import (
    drop,
    is_newer,
    mark,
    rows,
    set_aside,
    unknown,
    unseen,
    whole,
    without_all,
)

LONGEST_CC = 1000


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the words are now: in ``draft``, which is one aside where ``newer`` words were kept by
    another window. ``taken_out`` are those that were left out, for the system took them back."""

    draft: Draft | None = None
    newer: Draft | None = None
    taken_out: tuple[str, ...] = ()


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
    base: str | None = None,
    aside: int | None = None,
) -> Kept:
    """Keeps what ``author`` has typed, in place of what was kept before; emptied, it is forgotten.

    ``base`` is the version of the draft that the page has shown, "" where there was none, None
    where nobody asks. Where another window has kept words since which ``body`` lacks, these stay,
    and ``body`` is kept aside; ``aside`` is the row which has the page's words already.

    Words that were added meanwhile stay below it, unless the page had them: in its text, or among
    the marks that it has ``shown``; words that were taken out stay out. Words that were sent after
    ``since``, when the page was loaded, are no draft any more: the browser's last word may arrive
    after the message itself. ``cc`` stays as it was where none is given. Touches neither the
    ticket's version nor any clock. Raises Invalid for what is no draft.
    """
    if kind not in dict(Draft.KINDS):
        raise Invalid(f"«{kind[:20]}» is nothing that is drafted.", "kind")
    body, cc = words.draft(body), None if cc is None else words.draft(cc)[:LONGEST_CC]
    whose = (ticket, author, kind)
    with transaction.atomic():
        if body and _was_sent(*whose, body, since):
            _forget(*whose, body, shown, base, aside)
            return Kept()
        draft, is_new = _found(*whose, body, cc or "", now)
        if draft is None or is_new:
            drop(*whose, aside)
            return Kept(draft)
        gone = tuple(text for _, text in unknown(draft, body, shown))
        body = without_all(body, gone)
        if is_newer(draft, body, base):
            return Kept(_aside(*whose, body, cc, now, aside), draft, gone)
        drop(*whose, aside)
        return Kept(_overwritten(draft, body, cc, now, shown), None, gone)


def forget(
    *,
    ticket: Ticket,
    author: User,
    kind: str,
    said: str = "",
    shown: Collection[str] = (),
    base: str | None = None,
    aside: int | None = None,
) -> None:
    """What was sent, or thrown away, is no draft any more; what no page has shown yet stays.

    ``said`` is what was sent, ``shown`` the marks of the added words that its page has shown;
    ``base`` and ``aside`` as for ``keep``: what another window has kept since stays, too.
    """
    with transaction.atomic():
        _forget(ticket, author, kind, said, shown, base, aside)


def _found(
    ticket: Ticket, author: User, kind: str, body: str, cc: str, now: datetime
) -> tuple[Draft | None, bool]:
    """The draft, and whether it is new and has ``body`` already; nothing makes none."""
    mine = rows(ticket, author, kind)
    if not body:
        return mine.first(), False
    return mine.get_or_create(
        ticket=ticket, author=author, kind=kind,
        defaults={"body": body, "cc": cc, "version": mark(), "kept_at": now},
    )  # fmt: skip


def _overwritten(
    draft: Draft, body: str, cc: str | None, now: datetime, shown: Collection[str]
) -> Draft | None:
    draft.added = unseen(draft, body, shown)
    if not body and not draft.added and not draft.taken:
        draft.delete()
        return None
    if not body:
        draft.cc = ""
    elif cc is not None:
        draft.cc = cc
    draft.body, draft.version, draft.kept_at = whole(body, draft.added), mark(), now
    draft.save()
    return draft if body else None


def _aside(
    ticket: Ticket,
    author: User,
    kind: str,
    body: str,
    cc: str | None,
    now: datetime,
    pk: int | None,
) -> Draft | None:
    """In the row that has this page's words already, else in a new one; once, if typed elsewhere."""
    others = set_aside(ticket, author, kind).select_for_update()
    if not body:
        drop(ticket, author, kind, pk)
        return None
    own = others.filter(pk=pk or 0).first() or others.filter(body=body).first()
    own = own or Draft(ticket=ticket, author=author, kind=kind, is_aside=True)
    own.body, own.cc, own.kept_at = body, own.cc if cc is None else cc, now
    own.version = mark()
    own.save()
    return own


def _forget(
    ticket: Ticket,
    author: User,
    kind: str,
    said: str,
    shown: Collection[str],
    base: str | None,
    aside: int | None,
) -> None:
    drop(ticket, author, kind, aside)
    draft = rows(ticket, author, kind).first()
    if draft is None or is_newer(draft, said, base):
        return
    draft.added = unseen(draft, said, shown)
    if draft.added:
        draft.body, draft.cc, draft.version = whole("", draft.added), "", mark()
        draft.save(update_fields=["body", "added", "cc", "version"])
    else:
        draft.delete()


def _was_sent(ticket: Ticket, author: User, kind: str, body: str, since: datetime | None) -> bool:
    if since is None:
        return False
    sent = Message.objects.filter(ticket=ticket, author=author, kind=kind, at__gte=since)
    return sent.filter(body=body).exclude(mail__state="recalled").exists()
