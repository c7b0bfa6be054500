"""What a line says of a notification: who did what, and in short what was written."""

from __future__ import annotations

from tickets.models import Message, TicketEvent
from tickets.people.models import User
from tickets.telling.models import Notification, NotificationKind
from tickets.words import shown

LONGEST_GIST = 160
Kind = NotificationKind


def sentence(row: Notification, reader: User) -> str:
    """«Ben mentioned you»; ``row`` comes ``with_words``."""
    event = row.event
    who = shown(event.actor.name) if event.actor else ""
    if row.kind == Kind.WROTE:
        return _answered(row, who)
    if row.kind == Kind.ASSIGNED:
        return _given(event, who)
    if row.kind == Kind.TAKEN:
        return _taken(event, who)
    if row.kind == Kind.MENTIONED:
        return f"{who or 'Somebody'} mentioned you"
    if row.kind == Kind.NOTED:
        return f"{who or 'Somebody'} wrote a note"
    return f"{_whose(event, reader)} could not be delivered"


def gist(row: Notification) -> str:
    """How what was written begins, on one line; empty where nothing was."""
    message = row.event.message
    if message is None or row.kind in (Kind.ASSIGNED, Kind.TAKEN, Kind.FAILED):
        return ""
    text = " ".join(shown(message.body[: 4 * LONGEST_GIST]).split())
    return text if len(text) <= LONGEST_GIST else f"{text[: LONGEST_GIST - 1]}…"


def _answered(row: Notification, who: str) -> str:
    message = row.event.message
    if row.event.kind == TicketEvent.Kind.CALL_RECEIVED:
        return f"The customer called; {who} took it" if who else "The customer called"
    contact = message.contact if message else None
    return f"{shown(contact.display_name if contact else 'The customer')} wrote"


def _given(event: TicketEvent, who: str) -> str:
    if event.kind == TicketEvent.Kind.OPENED:
        return f"{who} opened this ticket for you" if who else "Opened for you"
    return f"{who} gave this ticket to you" if who else f"Given to you{_why(event)}"


def _taken(event: TicketEvent, who: str) -> str:
    note = str(event.data.get("note") or "")
    told = f"{who or 'Somebody'} took this ticket over from you"
    return f"{told}: {shown(note)}" if note else told


def _why(event: TicketEvent) -> str:
    because = str(event.data.get("because") or "")
    return f": {shown(because)}" if because else " by a rule"


def _whose(event: TicketEvent, reader: User) -> str:
    what = "progress line" if event.data.get("said") == Message.Kind.PROGRESS else "reply"
    if event.actor_id == reader.pk:
        return f"Your {what}"
    return f"{shown(event.actor.name)}'s {what}" if event.actor else f"A {what}"
