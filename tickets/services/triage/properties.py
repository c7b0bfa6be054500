"""Priority, category, subject, tags. Setting what already is changes nothing."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tickets import events
from tickets.models import Category, Tag, Ticket, TicketEvent
from tickets.people.models import User
from tickets.services import words
from tickets.services.locking import locked, must_not_be_closed, write
from tickets.services.tagging import must_be_few, tags_named

Kind = TicketEvent.Kind


def set_priority(
    *,
    ticket: Ticket,
    priority: str,
    actor: User | None,
    now: datetime,
    expected_version: int | None = None,
) -> Ticket:
    """Running clocks are retargeted by it (sla.md rule 7). Raises Conflict, Invalid."""
    wanted = str(words.priority(priority))
    with locked(ticket, expected_version):
        if ticket.priority != wanted:
            shown = ticket.priority, wanted
            _replace(ticket, "priority", wanted, shown, Kind.PRIORITY_CHANGED, actor, now)
    return ticket


def set_category(
    *,
    ticket: Ticket,
    category: Category,
    actor: User | None,
    now: datetime,
    expected_version: int | None = None,
) -> Ticket:
    """Running clocks are retargeted by it (sla.md rule 7). Raises Conflict, Invalid."""
    with locked(ticket, expected_version):
        if ticket.category_id != category.pk:
            shown = ticket.category.name, category.name
            _replace(ticket, "category", category, shown, Kind.CATEGORY_CHANGED, actor, now)
    return ticket


def set_subject(
    *,
    ticket: Ticket,
    subject: str,
    actor: User | None,
    now: datetime,
    expected_version: int | None = None,
) -> Ticket:
    """Raises Conflict, Invalid."""
    wanted = words.subject(subject)
    with locked(ticket, expected_version):
        if ticket.subject != wanted:
            shown = ticket.subject, wanted
            _replace(ticket, "subject", wanted, shown, Kind.SUBJECT_CHANGED, actor, now)
    return ticket


def add_tags(
    *,
    ticket: Ticket,
    tags: Iterable[str],
    actor: User | None,
    now: datetime,
    expected_version: int | None = None,
) -> Ticket:
    """Adds tags by name, made where missing; case does not tell two apart.

    Raises Conflict, Over on a closed ticket, and Invalid, also for more than a ticket may have.
    """
    wanted = tags_named(tags)
    with locked(ticket, expected_version):
        present = set(ticket.tags.values_list("pk", flat=True))
        new = [tag for tag in wanted if tag.pk not in present]
        if new:
            must_not_be_closed(ticket)
            must_be_few(len(present) + len(new))
        ticket.tags.add(*new)
        _tags_changed(ticket, new, actor, now, "added")
    return ticket


def remove_tags(
    *,
    ticket: Ticket,
    tags: Iterable[str],
    actor: User | None,
    now: datetime,
    expected_version: int | None = None,
) -> Ticket:
    """Removes tags by name; one the ticket does not have is no mistake. Raises Conflict, Over."""
    unwanted = {name.strip().lower() for name in tags}
    with locked(ticket, expected_version):
        gone = [tag for tag in ticket.tags.all() if tag.name.lower() in unwanted]
        if gone:
            must_not_be_closed(ticket)
        ticket.tags.remove(*gone)
        _tags_changed(ticket, gone, actor, now, "removed")
    return ticket


def _tags_changed(
    ticket: Ticket, tags: list[Tag], actor: User | None, now: datetime, how: str
) -> None:
    if tags:
        write(ticket, now)
        names: dict[str, Any] = {how: [tag.name for tag in tags]}
        events.record(ticket, Kind.TAGS_CHANGED, at=now, now=now, actor=actor, **names)


def _replace(
    ticket: Ticket,
    field: str,
    value: Any,
    shown: tuple[str, str],
    kind: TicketEvent.Kind,
    actor: User | None,
    now: datetime,
) -> None:
    must_not_be_closed(ticket)
    write(ticket, now, **{field: value})
    events.record(ticket, kind, at=now, now=now, actor=actor, **events.from_to(*shown))
