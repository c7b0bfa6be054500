"""The rows of drafts, and what of their words a page knows."""

import secrets
from collections.abc import Collection, Iterable
from functools import reduce

from django.db.models import QuerySet

from tickets.models import Draft, Ticket
from tickets.people.models import User
from tickets.services import words

Pairs = list[list[str]]


def mark() -> str:
    return secrets.token_hex(6)


def rows(ticket: Ticket, author: User, kind: str) -> QuerySet[Draft]:
    """The one draft, for changing it."""
    mine = Draft.objects.select_for_update().filter(ticket=ticket, author=author, kind=kind)
    return mine.filter(is_aside=False)


def set_aside(ticket: Ticket, author: User, kind: str) -> QuerySet[Draft]:
    """What was typed in other windows, over older versions of it."""
    return Draft.objects.filter(ticket=ticket, author=author, kind=kind, is_aside=True)


def drop(ticket: Ticket, author: User, kind: str, pk: int | None) -> None:
    """Words aside that are elsewhere now: in the draft, or sent."""
    if pk is not None:
        set_aside(ticket, author, kind).filter(pk=pk).delete()


def unseen(draft: Draft, body: str, shown: Collection[str]) -> Pairs:
    """The added words of which the page that brought ``body`` did not know."""
    return [pair for pair in draft.added if pair[0] not in shown and pair[1] not in body]


def unknown(draft: Draft, body: str, shown: Collection[str]) -> Pairs:
    """The words in ``body`` of which its page does not know that they were taken out."""
    return [pair for pair in draft.taken if pair[0] not in shown and pair[1] in body]


def is_newer(draft: Draft, body: str, base: str | None) -> bool:
    """Whether ``body``, typed over the version ``base``, lacks words that were kept since.

    Words that the system has added are no matter of versions; they stay anyway.
    """
    if base is None or base == draft.version:
        return False
    return without_all(draft.body, (text for _, text in draft.added)) not in body


def whole(body: str, added: Pairs) -> str:
    return words.draft("\n\n".join(filter(None, [body, *(text for _, text in added)])))


def without(body: str, text: str) -> str:
    """``body`` without ``text``, where it stands there word for word."""
    if not text or text not in body:
        return body
    before, _, after = body.partition(text)
    return "\n\n".join(filter(None, (before.rstrip(), after.lstrip())))


def without_all(body: str, texts: Iterable[str]) -> str:
    return reduce(without, texts, body)


def copies(*lists: str) -> str:
    """The addresses of all of ``lists``, each once."""
    told = (each.strip() for some in lists for each in some.split(","))
    return ", ".join(dict.fromkeys(filter(None, told)))
