"""Words on their way: kept on the server while they are typed, gone once they are sent."""

from datetime import datetime

from django.db import transaction

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
    cc: str = "",
    since: datetime | None = None,
) -> bool:
    """Keeps what ``author`` has typed, in place of what was kept before; emptied, it is forgotten.

    Words that were sent after ``since``, when the page was loaded, are no draft any more: the
    browser's last word may arrive after the message itself. Returns whether a draft is kept.
    Touches neither the ticket's version nor any clock. Raises Invalid for what is no draft.
    """
    if kind not in dict(Draft.KINDS):
        raise Invalid(f"«{kind[:20]}» is nothing that is drafted.", "kind")
    body = words.draft(body)
    if not body or _was_sent(ticket, author, kind, body, since):
        forget(ticket=ticket, author=author, kind=kind)
        return False
    Draft.objects.update_or_create(
        ticket=ticket, author=author, kind=kind,
        defaults={"body": body, "cc": words.draft(cc)[:LONGEST_CC], "kept_at": now},
    )  # fmt: skip
    return True


def add(*, ticket: Ticket, author: User, kind: str, text: str, now: datetime) -> None:
    """Puts ``text`` below what ``author`` has typed already; once, however often it is asked."""
    with transaction.atomic():
        draft, is_new = Draft.objects.select_for_update().get_or_create(
            ticket=ticket, author=author, kind=kind, defaults={"body": text, "kept_at": now}
        )
        if not is_new and text not in draft.body:
            draft.body, draft.kept_at = words.draft(f"{draft.body}\n\n{text}"), now
            draft.save(update_fields=["body", "kept_at"])


def forget(*, ticket: Ticket, author: User, kind: str) -> None:
    """What was sent, or thrown away, is no draft any more."""
    Draft.objects.filter(ticket=ticket, author=author, kind=kind).delete()


def of(ticket: Ticket, author: User) -> dict[str, Draft]:
    """The drafts of one person on one ticket, by kind."""
    return {draft.kind: draft for draft in Draft.objects.filter(ticket=ticket, author=author)}


def _was_sent(ticket: Ticket, author: User, kind: str, body: str, since: datetime | None) -> bool:
    if since is None:
        return False
    sent = Message.objects.filter(ticket=ticket, author=author, kind=kind, at__gte=since)
    return sent.filter(body=body).exclude(mail__state="recalled").exists()
