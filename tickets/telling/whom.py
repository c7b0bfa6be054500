"""Whom an event is news to. Nobody is told of their own deeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tickets.models import Message, Ticket, TicketEvent
from tickets.telling.models import NotificationKind

Happened = TicketEvent.Kind
Told = dict[NotificationKind, set[int]]


def told_of(ticket: Ticket, event: TicketEvent) -> Told:
    """Who is told of ``event`` as what; most events are news to nobody, at no cost."""
    find = _TOLD.get(Happened(event.kind))
    found = find(ticket, event) if find else {}
    return {kind: people for kind, people in found.items() if people}


def _answered(ticket: Ticket, event: TicketEvent) -> Told:
    followers = ticket.followers.filter(is_active=True).order_by().values_list("pk", flat=True)
    people = {*followers, *_holder(ticket)}
    return {NotificationKind.WROTE: _others(people, event)}


def _opened(ticket: Ticket, event: TicketEvent) -> Told:
    return {NotificationKind.ASSIGNED: _others(_holder(ticket), event)}


def _assigned(ticket: Ticket, event: TicketEvent) -> Told:
    to = event.data.get("to_id")
    return {NotificationKind.ASSIGNED: _others([to] if to else [], event)}


def _taken(ticket: Ticket, event: TicketEvent) -> Told:
    had_it = event.data.get("taken_from_id")
    return {NotificationKind.TAKEN: _others([had_it] if had_it else [], event)}


def _noted(ticket: Ticket, event: TicketEvent) -> Told:
    mentioned = set(event.data.get("mentioned", ()))
    return {
        NotificationKind.MENTIONED: _others(mentioned, event),
        NotificationKind.NOTED: _others(_holder(ticket) - mentioned, event),
    }


def _failed(ticket: Ticket, event: TicketEvent) -> Told:
    """Whoever wrote it did not make it fail."""
    if event.data.get("said") not in Message.HELD:
        return {}
    return {NotificationKind.FAILED: {event.actor_id, *_holder(ticket)} - {None}}  # type: ignore[dict-item]


def _holder(ticket: Ticket) -> set[int]:
    return {ticket.assignee_id} if ticket.assignee_id else set()


def _others(people: Iterable[int], event: TicketEvent) -> set[int]:
    return set(people) - {event.actor_id}


_TOLD: dict[Happened, Callable[[Ticket, TicketEvent], Told]] = {
    Happened.CUSTOMER_MESSAGE: _answered,
    Happened.CALL_RECEIVED: _answered,
    Happened.OPENED: _opened,
    Happened.ASSIGNED: _assigned,
    Happened.TAKEN_OVER: _taken,
    Happened.NOTE_ADDED: _noted,
    Happened.REPLY_FAILED: _failed,
}
