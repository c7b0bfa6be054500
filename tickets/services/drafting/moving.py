"""Where a ticket is merged away, what people were writing on it goes along."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from tickets.models import Draft, Ticket
from tickets.people.models import User
from tickets.services import words
from tickets.services.drafting.keeping import LONGEST_CC, Kept, keep
from tickets.services.drafting.rows import copies, drop, mark, rows, set_aside


def move(*, source: Ticket, target: Ticket) -> list[int]:
    """Each author's drafts, those of who does not see ``target`` excepted: they find theirs where they
    were typed. Returns the numbers of those that are there now.

    Where an author has a draft there already, theirs of the source is kept aside, as what was typed in
    another window is. Call it under the locks of both tickets.
    """
    drafts = Draft.objects.select_for_update(of=("self",)).filter(ticket=source)
    # The draft before what is aside, as whoever keeps words locks them.
    found = list(drafts.select_related("author").order_by("is_aside", "pk"))
    sees = {
        author.pk: Ticket.objects.reachable_by(author).filter(pk=target.pk).exists()
        for author in {each.author for each in found}
    }
    moved = [_move(draft, target) for draft in found if sees[draft.author_id]]
    return [pk for pk in moved if pk]


def _move(draft: Draft, target: Ticket) -> int | None:
    """The number of the row that has its words; none where there were the same already."""
    if not draft.is_aside:
        there, is_new = rows(target, draft.author, draft.kind).get_or_create(
            ticket=target, author=draft.author, kind=draft.kind,
            defaults={
                "body": draft.body, "cc": draft.cc, "version": mark(), "added": draft.added,
                "taken": draft.taken, "kept_at": draft.kept_at,
            },
        )  # fmt: skip
        if is_new or (draft.body in there.body and _copied(draft, there)):
            draft.delete()
            return there.pk if is_new else None
    draft.ticket, draft.is_aside, draft.version = target, True, mark()
    draft.added, draft.taken = [], []
    draft.save()
    return draft.pk


def _copied(draft: Draft, there: Draft) -> bool:
    """Whether ``there`` has room for its addresses, and so has them now."""
    joined = copies(there.cc, draft.cc)
    if len(joined) > LONGEST_CC:
        return False
    there.cc = joined
    there.save(update_fields=["cc"])
    return True


def goes_on(ticket: Ticket, author: User) -> Ticket:
    """What ``ticket`` was merged into, as far as ``author`` sees it; else itself."""
    seen = Ticket.objects.reachable_by(author)
    while ticket.merged_into_id and (there := seen.filter(pk=ticket.merged_into_id).first()):
        ticket = there
    return ticket


def go_on(
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
    """``keep``, for a page that still shows what was merged into ``ticket`` since.

    Its words go on in the row that has their beginning, else aside; where they stand in a row
    already, none is made.
    """
    body, whose = words.draft(body), (ticket, author, kind)
    with transaction.atomic():
        draft = rows(*whose).first()
        if draft and body and base != draft.version:
            others = list(set_aside(*whose).order_by("pk"))
            # The page's own words, from which one is deleted, are none that it stands in.
            standing = [each for each in (draft, *others) if each.pk != aside]
            if any(body in each.body for each in standing if each.body != body):
                drop(*whose, aside)
                return Kept(newer=draft)
            own = next((each for each in (draft, *others) if each.body in body), None)
            if own and own.pk != aside:
                cc = copies(own.cc, cc or "")
                aside = own.pk if own.is_aside and aside is None else aside
        return keep(
            ticket=ticket, author=author, kind=kind, body=body, now=now, cc=cc, since=since,
            shown=shown, base=base or "", aside=aside,
        )  # fmt: skip
