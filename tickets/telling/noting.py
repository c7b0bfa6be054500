"""What events are news of, written down for everybody in a handful of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import DateTimeField, Value
from django.db.models.functions import Coalesce

from tickets.models import TicketEvent
from tickets.telling.models import MAILED_AT_ONCE, Notification, NotificationKind

Kind = NotificationKind
Key = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class News:
    """An event with whom it is told to as what; ``is_taken`` where somebody had the ticket before,
    who then hears no more that they were given it, nor who has it back that it was taken from them; ``waits`` where a savepoint may undo it before it
    is written down."""

    event: TicketEvent
    told: Mapping[NotificationKind, set[int]]
    now: datetime
    is_taken: bool
    waits: bool

    @property
    def holder(self) -> int | None:
        to: int | None = self.event.data.get("to_id")
        return to


def note_down(news: Sequence[News]) -> None:
    """Each of these people has what happened to read, in place of the last of its kind.

    A mail that is on its way keeps its time, so that it also comes where the customer writes again
    and again. Call it under the locks of the tickets: five queries, however many they are. First who
    hears no more, and their rows; then who has a row already, those rows, and new ones.
    """
    wanted: dict[Key, News] = {}
    holders: dict[int, int | None] = {}
    for each in _still_there(news) if any(each.waits for each in news) else news:
        ticket = each.event.ticket_id
        if each.is_taken:
            holders[ticket] = each.holder
            for key in [k for k in wanted if k[1:] == (ticket, Kind.ASSIGNED)]:
                del wanted[key]
            wanted.pop((each.holder or 0, ticket, Kind.TAKEN.value), None)
        for kind, people in each.told.items():
            wanted |= {(person, ticket, kind.value): each for person in people}
    if holders:
        _withdraw(holders)
    if wanted:
        _tell(wanted)


def _still_there(news: Sequence[News]) -> list[News]:
    """Without what a savepoint has undone, whose number SQLite then gives to the next event."""
    newest = {each.event.pk: each for each in news}
    rows = TicketEvent.objects.filter(pk__in=newest).values_list("pk", "ticket", "kind")
    kept = set(rows)
    return [
        each for pk, each in newest.items() if (pk, each.event.ticket_id, each.event.kind) in kept
    ]


def _withdraw(holders: Mapping[int, int | None]) -> None:
    kinds = [Kind.ASSIGNED, Kind.TAKEN]
    stale = Notification.objects.unread().filter(ticket__in=holders, kind__in=kinds)
    rows = stale.locked().values_list("pk", "ticket", "person", "kind")
    gone = [
        pk
        for pk, ticket, person, kind in rows
        if (person == holders[ticket]) is (kind == Kind.TAKEN)
    ]
    if gone:
        stale.filter(pk__in=gone).delete()


def _tell(wanted: Mapping[Key, News]) -> None:
    known = Notification.objects.filter(
        person__in={key[0] for key in wanted}, ticket__in={key[1] for key in wanted}
    )
    rows = [row for row in known.locked() if (row.person_id, row.ticket_id, row.kind) in wanted]
    for row in rows:
        its = wanted[row.person_id, row.ticket_id, row.kind]
        row.event, row.at, row.read_at = its.event, its.now, None
        # A mail that is on its way keeps its time, which only the database knows.
        row.mail_at = Coalesce("mail_at", Value(_mail_at(row.kind, its.now), DateTimeField()))
    fields = ["event", "at", "read_at", "mail_at"]
    if rows and Notification.objects.bulk_update(rows, fields) == len(wanted):
        return
    # Whoever has a row already has just been told.
    Notification.objects.bulk_create(
        [
            Notification(
                person_id=person, ticket_id=ticket, kind=kind, event=its.event, at=its.now,
                mail_at=_mail_at(kind, its.now),
            )
            for (person, ticket, kind), its in sorted(wanted.items(), key=lambda each: each[0])
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def _mail_at(kind: str, now: datetime) -> datetime | None:
    return None if kind in MAILED_AT_ONCE else now + settings.NOTIFY_BY_MAIL_AFTER
