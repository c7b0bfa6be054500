"""Who works on a ticket, who follows it, before whom it is put."""

from datetime import datetime
from typing import Any

from tickets import events
from tickets.errors import Invalid
from tickets.models import Involvement, Ticket, TicketEvent
from tickets.people.models import User
from tickets.services.locking import locked, must_not_be_closed, said, write

Kind = TicketEvent.Kind


def assign(
    *,
    ticket: Ticket,
    assignee: User | None,
    actor: User | None,
    now: datetime,
    expected_version: int | None = None,
    because: str = "",
) -> Ticket:
    """Gives the ticket to a person, or to nobody. Never restarts a clock (sla.md rule 9).

    ``because`` stands in its history. Raises Conflict, Invalid.
    """
    if assignee is not None:
        _must_work_here(assignee, "assignee")
    with locked(ticket, expected_version):
        before = ticket.assignee
        if before != assignee:
            must_not_be_closed(ticket)
            if assignee is not None:
                _must_not_leave_meanwhile(assignee)
            write(ticket, now, assignee=assignee)
            events.record(
                ticket, Kind.ASSIGNED, at=now, now=now, actor=actor,
                to_id=assignee.pk if assignee else None, from_id=before.pk if before else None,
                **_because(because), **events.from_to(said(before), said(assignee)),
            )  # fmt: skip
    return ticket


def follow(*, ticket: Ticket, user: User, actor: User | None, now: datetime) -> Ticket:
    """The follower sees the ticket from then on, whatever their teams. Raises Invalid."""
    _must_work_here(user, "user")
    with locked(ticket):
        if not ticket.followers.filter(pk=user.pk).exists():
            ticket.followers.add(user)
            _followers_changed(ticket, "added", user, actor, now)
    return ticket


def unfollow(*, ticket: Ticket, user: User, actor: User | None, now: datetime) -> Ticket:
    with locked(ticket):
        if ticket.followers.filter(pk=user.pk).exists():
            ticket.followers.remove(user)
            _followers_changed(ticket, "removed", user, actor, now)
    return ticket


def involve(
    *, ticket: Ticket, user: User, because: str, now: datetime, actor: User | None = None
) -> Involvement:
    """Puts the ticket before a person who would not otherwise see it; once, the first reason stays."""
    with locked(ticket):
        row, created = Involvement.objects.get_or_create(
            ticket=ticket, user=user, defaults={"because": because, "since": now}
        )
        if created:
            events.record(
                ticket, Kind.INVOLVED, at=now, now=now, actor=actor, user=said(user),
                user_id=user.pk, because=row.because,
            )  # fmt: skip
    return row


def _followers_changed(
    ticket: Ticket, how: str, user: User, actor: User | None, now: datetime
) -> None:
    names: dict[str, Any] = {how: [said(user)]}
    events.record(
        ticket, Kind.FOLLOWERS_CHANGED, at=now, now=now, actor=actor, user_id=user.pk, **names
    )


def _because(reason: str) -> dict[str, Any]:
    return {"because": reason} if reason else {}


def _must_work_here(person: User, field: str) -> None:
    if not person.is_active:
        raise Invalid(f"{person.name} does not work here any more.", field)


def _must_not_leave_meanwhile(assignee: User) -> None:
    """Their row is held: whoever makes them inactive now waits, and then finds this ticket too."""
    row = User.objects.select_for_update(no_key=True).filter(pk=assignee.pk)
    if not row.filter(is_active=True).exists():
        raise Invalid(f"{assignee.name} does not work here any more.", "assignee")
