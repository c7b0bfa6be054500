"""The one way to change a ticket: lock its row, check the version read, write, count up.

The order of locks, in every transaction: the ticket, then its messages, then a mail, then the mail's
deliveries. Of two tickets the lower id comes first (``lock_both``). Whoever does not know beforehand
which ticket it will be, since merges move things, follows with ``lock_survivor`` or ``lock_owner``,
which let one row go before they take the next. People come after tickets, also when they leave
(``leaving.hold``). Rows that others point to are locked without their key, for their own keys never
change: what is written that only names a ticket, a person or an incident waits for none of them, and
nobody waits in a ring through a foreign key. A raw mail that came in is taken before any ticket: nobody who holds a ticket waits
for it and is waited for.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import is_naive

from tickets.errors import Invalid, Over, Stale, Unread
from tickets.lifecycle import Status, words
from tickets.models import Message, Ticket, TicketEvent
from tickets.people.models import User
from tickets.querysets import TicketQuerySet

Kind = TicketEvent.Kind
# What makes the version grow, and so may be what a second writer has not seen.
CHANGES = [
    Kind.CUSTOMER_MESSAGE, Kind.REPLY_WRITTEN, Kind.REPLY_EDITED, Kind.REPLY_RECALLED,
    Kind.STATUS_CHANGED, Kind.PUT_ASIDE, Kind.PRIORITY_CHANGED, Kind.CATEGORY_CHANGED, Kind.SUBJECT_CHANGED,
    Kind.REQUESTER_CHANGED, Kind.ASSIGNED, Kind.TEAM_CHANGED, Kind.TAGS_CHANGED,
    Kind.ORDER_LINKED, Kind.MERGED_IN, Kind.MERGED_AWAY, Kind.SPLIT_OFF,
]  # fmt: skip


CLOSED = "What is closed stays as it is; only a note can be added."
_COLUMNS = [field.attname for field in Ticket._meta.concrete_fields]
_PK = _COLUMNS.index("id")


@contextmanager
def locked(ticket: Ticket, expected_version: int | None = None) -> Iterator[Ticket]:
    """``ticket`` itself, brought up to date in place, its row locked, in a transaction.

    Raises Stale, naming who changed it last, when it is not at ``expected_version`` any more, and
    Over where that change closed it.
    """
    with transaction.atomic():
        lock(ticket)
        must_be_at(ticket, expected_version)
        yield ticket


def must_be_at(ticket: Ticket, version: int | None) -> None:
    """Raises Stale or Over unless the locked ``ticket`` is as it was read."""
    if version is not None and ticket.version != version:
        must_not_be_closed(ticket)
        raise Stale(_who_was_faster(ticket))


def must_have_read(ticket: Ticket, message: int | None, writer: User) -> None:
    """Raises Unread where the customer or a colleague said something after ``message``.

    None means that it is not known what the writer has read. Call it under the ticket's lock.
    """
    if message is None:
        return
    later = Message.objects.filter(ticket=ticket, pk__gt=message).exclude(author=writer)
    said = later.exclude(kind=Message.Kind.AUTOMATIC).exclude(mail__state="recalled")
    newest = said.select_related("author", "contact").order_by("-pk").first()
    if newest:
        who = newest.author.name if newest.author else "The customer"
        raise Unread(
            f"{who} wrote while you were writing. Nothing is sent yet: read the new message, then "
            "send your words as they are, or change them."
        )


def lock(ticket: Ticket) -> None:
    """Holds the row until commit; the caller's object then says what the row says."""
    _reload(ticket, Ticket.objects.select_for_update(no_key=True))


def reload(ticket: Ticket) -> None:
    """Brings ``ticket`` up to date in place; people and teams already at hand stay at hand."""
    _reload(ticket, Ticket.objects.all())


def lock_both(one: Ticket, two: Ticket) -> None:
    """Locks two tickets, the lower id first everywhere, so that no two requests wait in a ring."""
    for ticket in sorted((one, two), key=lambda each: each.pk):
        lock(ticket)


def lock_all(tickets: Sequence[Ticket]) -> None:
    """Locks any number of tickets by one query, the lowest id first, and brings each up to date that is
    still there."""
    numbers = [each.pk for each in tickets]
    rows = Ticket.objects.select_for_update(no_key=True).filter(pk__in=numbers)
    found = {row[_PK]: row for row in rows.order_by("pk").values_list(*_COLUMNS)}
    for ticket in tickets:
        if row := found.get(ticket.pk):
            _say(ticket, row)


def lock_survivor(ticket: Ticket) -> Ticket:
    """The ticket, locked; where it was merged away, the one in which its conversation goes on."""
    while True:
        taken = transaction.savepoint()
        lock(ticket)
        if not ticket.merged_into_id:
            transaction.savepoint_commit(taken)
            return ticket
        transaction.savepoint_rollback(taken)
        ticket = Ticket.objects.get(pk=ticket.merged_into_id)


def lock_owner(message: Message) -> Ticket:
    """The ticket of the message, locked; a merge may move it while the row is waited for."""
    its = Ticket.objects.filter(messages=message.pk)
    while True:
        taken = transaction.savepoint()
        ticket = its.get()
        lock(ticket)
        if its.filter(pk=ticket.pk).exists():
            transaction.savepoint_commit(taken)
            return ticket
        transaction.savepoint_rollback(taken)


@contextmanager
def locked_owner(message: Message) -> Iterator[Ticket]:
    """The ticket of the message, its row locked, in a transaction."""
    with transaction.atomic():
        yield lock_owner(message)


def write(ticket: Ticket, now: datetime, **fields: Any) -> None:
    """Stores ``fields`` of a locked ticket and counts its version up."""
    fields |= {"version": ticket.version + 1, "updated_at": now}
    Ticket.objects.filter(pk=ticket.pk).update(**fields)
    for name, value in fields.items():
        setattr(ticket, name, value)


def touch(ticket: Ticket, now: datetime, **fields: Any) -> None:
    """Like ``write`` for what overwrites nobody, such as a note: the version stays."""
    fields["updated_at"] = now
    Ticket.objects.filter(pk=ticket.pk).update(**fields)
    for name, value in fields.items():
        setattr(ticket, name, value)


def must_not_be_closed(ticket: Ticket) -> None:
    """Raises Over: what is closed stays as it is."""
    if ticket.status == Status.CLOSED:
        raise over(ticket, CLOSED)


def must_not_be_merged(ticket: Ticket) -> None:
    """Raises Over: its conversation goes on elsewhere."""
    if ticket.merged_into_id:
        raise over(ticket)


def over(ticket: Ticket, advice: str = "") -> Over:
    """That nothing goes on here: ``advice`` says what to do, unless there is where it goes on."""
    if ticket.merged_into:
        gone, there = ticket.reference, ticket.merged_into.reference
        return Over(f"{gone} was merged into {there}: go on there.")
    return Over(f"{ticket.reference} is {words(ticket.status)}. {advice}".strip())


def instant(received_at: datetime | None, now: datetime) -> datetime:
    """When a fact happened: as told, but never in the future. Raises Invalid without a zone."""
    if received_at is None:
        return now
    if is_naive(received_at):
        raise Invalid("An instant needs its time zone.", "received_at")
    return min(received_at, now)


def said(person: User | None) -> str | None:
    """A person in an event's data."""
    return person.name if person else None


def _reload(ticket: Ticket, rows: TicketQuerySet) -> None:
    """One plain row: a column that points elsewhere now forgets what it pointed to, by itself."""
    _say(ticket, rows.values_list(*_COLUMNS).get(pk=ticket.pk))


def _say(ticket: Ticket, row: tuple[Any, ...]) -> None:
    for name, value in zip(_COLUMNS, row, strict=True):
        setattr(ticket, name, value)


def _who_was_faster(ticket: Ticket) -> str:
    last = (
        TicketEvent.objects.filter(ticket=ticket, kind__in=CHANGES)
        .select_related("actor")
        .order_by("-recorded_at", "-pk")
        .first()
    )
    if last is None:
        who, what = "Somebody", ""
    elif last.kind == Kind.CUSTOMER_MESSAGE:
        who, what = "The customer", " (a new message)"
    else:
        who = last.actor.name if last.actor else "A rule"
        what = f" ({last.get_kind_display().lower()})"
    return (
        f"{who} changed this ticket{what} after you opened it. "
        "Nothing of yours was saved; look again, then decide."
    )
