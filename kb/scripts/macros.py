"""Using a macro: its words into the reply, its changes made; all of it or nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from kb.scripts.models import Macro
from kb.scripts.rendering import fill_in
from kb.scripts.services import fields_of
from tickets.access import Action, may, require
from tickets.errors import Invalid
from tickets.lifecycle import Status
from tickets.models import Message, Ticket
from tickets.people.models import User
from tickets.services import changes, drafting
from tickets.services.locking import over

REPLY = Message.Kind.REPLY.value


def macros_for(ticket: Ticket) -> QuerySet[Macro]:
    """Those in use that fit the ticket's category; of a closed one, none."""
    fitting = Macro.objects.filter(Q(only_for=None) | Q(only_for=ticket.category_id), active=True)
    return fitting.select_related("category") if ticket.status != Status.CLOSED else fitting.none()


def changing_alone() -> QuerySet[Macro]:
    """Those that can be used on many tickets at once: words to a customer are read one by one, so
    only what changes and says nothing."""
    found = Macro.objects.filter(active=True, words__regex=r"^\s*$")
    return found.select_related("category", "only_for")


def usable(ticket: Ticket, user: User) -> list[Macro]:
    """Those that ``user`` may use here: who may not change a ticket has only words to put in."""
    if not may(user, Action.REPLY, ticket):
        return []
    macros = list(macros_for(ticket))
    return macros if may(user, Action.TRIAGE, ticket) else [m for m in macros if not m.changes]


@transaction.atomic
def use(
    *, macro: Macro, ticket: Ticket, actor: User, now: datetime, expected_version: int | None = None
) -> str:
    """Makes its changes and puts its words below what ``actor`` has drafted.

    Returns the status for the reply to leave behind, "" for none. Raises NotAllowed, Over, Invalid
    where it is not offered here any more, Conflict where it would change what is not at
    ``expected_version`` any more, and whatever the single changes refuse; then neither words nor
    ticket have changed.
    """
    require(actor, Action.REPLY, ticket)
    if ticket.status == Status.CLOSED:
        raise over(ticket, "Nothing is changed on it any more.")
    if not macros_for(ticket).filter(pk=macro.pk).exists():
        raise Invalid("It is not offered on this ticket any more.")
    wanted = _wanted(macro, actor)
    if wanted:
        require(actor, Action.TRIAGE, ticket)
        changes.apply(
            ticket=ticket, changes=wanted, actor=actor, now=now, expected_version=expected_version
        )
    if not macro.words.strip():
        return ""
    text = fill_in(macro.words, fields_of(ticket, actor, now))
    drafting.add(ticket=ticket, author=actor, kind=REPLY, text=text, now=now)
    return macro.status


def _wanted(macro: Macro, actor: User) -> dict[str, Any]:
    """Its changes as ``changes.apply`` takes them; with words, the status waits for the reply."""
    wanted = {
        "category": macro.category,
        "priority": macro.priority,
        "assignee": actor if macro.takes else None,
        "add_tags": macro.tag_list,
        "status": "" if macro.words.strip() else macro.status,
    }
    return {name: value for name, value in wanted.items() if value}
