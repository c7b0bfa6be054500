"""What a page shows of somebody's drafts: the words in the box, and others to choose from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain

from tickets.models import Draft, Ticket, TicketEvent
from tickets.people.models import User
from tickets.services.drafting.rows import is_newer


@dataclass(frozen=True, slots=True)
class Standing:
    """The drafts of one kind as a page has them.

    ``draft`` has the words for the box, typed ``base`` a version of the draft; ``aside`` is the row
    that keeps them where they are not the draft. ``other`` are words of another window, the newer
    ones of the draft itself where ``is_newer``.
    """

    draft: Draft | None = None
    base: str = ""
    aside: int | None = None
    other: Draft | None = None
    is_newer: bool = False
    now: str = ""  # the draft's version as this was read

    @property
    def shows(self) -> str:
        """What names the other words that are shown; "" for none."""
        if self.is_newer or not self.other:
            return self.now if self.is_newer else ""
        return f"{self.other.pk}:{self.other.version}"

    @property
    def has_words(self) -> bool:
        return bool(self.draft and self.draft.body)


def of(ticket: Ticket, author: User) -> dict[str, Standing]:
    """The drafts of one person on one ticket, by kind, for a page that is opened now."""
    rows: dict[str, list[Draft]] = {}
    for draft in Draft.objects.filter(ticket=ticket, author=author).order_by("is_aside", "pk"):
        rows.setdefault(draft.kind, []).append(draft)
    if rows:
        _say_whence(ticket, chain.from_iterable(rows.values()))
    return {kind: _opened(*found) for kind, found in rows.items()}


def seen_from(standing: Standing, body: str, base: str, aside: int | None) -> Standing:
    """The same for a page that goes on with its own ``body``, typed over the version ``base``."""
    draft = standing.draft
    if draft and not draft.is_aside and is_newer(draft, body, base):
        return replace(standing, base=base, aside=aside, other=draft, is_newer=True)
    rest = [standing.other] if standing.now else [draft, standing.other]
    other = next((each for each in rest if each and each.pk != aside and each.body != body), None)
    return replace(standing, aside=aside, other=other)


def _say_whence(ticket: Ticket, drafts: Iterable[Draft]) -> None:
    merged = ticket.events.filter(kind=TicketEvent.Kind.MERGED_IN).order_by("pk")
    told = merged.values_list("data", "at")
    moved = {pk: (data["source"], at) for data, at in told for pk in data.get("drafts", ())}
    for draft in drafts:
        source, at = moved.get(draft.pk, ("", draft.kept_at))
        draft.came_from = source if draft.kept_at <= at else ""


def _opened(first: Draft, *others: Draft) -> Standing:
    other = next((each for each in others if each.body != first.body), None)
    if first.is_aside:
        return Standing(first, aside=first.pk, other=other)
    return Standing(first, base=first.version, other=other, now=first.version)
