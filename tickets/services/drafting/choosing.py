"""Of the words of two windows the writer chooses: these, the others, or both."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from tickets.errors import Invalid
from tickets.models import Draft, Ticket
from tickets.people.models import User
from tickets.services.drafting.keeping import keep
from tickets.services.drafting.rows import copies, drop, rows, set_aside

CHOICES = ("mine", "other", "both")


def choose(
    *,
    ticket: Ticket,
    author: User,
    kind: str,
    choice: str,
    body: str,
    cc: str,
    now: datetime,
    told: str,
    base: str | None = None,
    aside: int | None = None,
    other: tuple[int, str] | None = None,
    shown: Collection[str] = (),
) -> bool:
    """Makes ``body``, the other words, or both of them the draft; what is not chosen is dropped.

    The other words are those of the row ``other``, by its number and its version, or of the draft
    itself, which the page has shown at the version ``told``. Where either has changed since, nothing
    is chosen, which it says by False, and ``body`` is kept as by ``keep``. Raises Invalid for what is
    no choice.
    """
    if choice not in CHOICES:
        raise Invalid("Choose which words to keep.", "choice")
    whose = (ticket, author, kind)
    with transaction.atomic():
        draft = rows(*whose).first()
        theirs = _shown(whose, *other) if other else draft
        is_known = (draft.version if draft else "") == told and (theirs is not None or not other)
        if is_known and theirs:
            body, cc = _chosen(choice, body, cc, theirs)
        keep(
            ticket=ticket, author=author, kind=kind, body=body, cc=cc, now=now, shown=shown, aside=aside,
            base=None if is_known else base,
        )  # fmt: skip
        if is_known and other:
            drop(*whose, other[0])
    return is_known


def _shown(whose: tuple[Ticket, User, str], pk: int, version: str) -> Draft | None:
    """What was set aside, as long as its window has not gone on typing."""
    return set_aside(*whose).select_for_update().filter(pk=pk, version=version).first()


def _chosen(choice: str, body: str, cc: str, theirs: Draft) -> tuple[str, str]:
    if choice == "mine":
        return body, cc
    if choice == "other":
        return theirs.body, theirs.cc
    return "\n\n".join(filter(None, [theirs.body, body.strip()])), copies(theirs.cc, cc)
