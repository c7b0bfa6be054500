"""What a change would do to one ticket, or why it would leave it alone; changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tickets import lifecycle
from tickets.access import Action, may
from tickets.lifecycle import ASIDE, Status
from tickets.models import Ticket
from tickets.people.models import User
from tickets.services.bulk.consequences import Beside, consequences
from tickets.services.bulk.wording import Change, Wanted, when

# What can still be done to what is closed.
_EVEN_CLOSED = {"add_tags", "remove_tags", "follow"}


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would change on ``ticket``; nothing, where ``why`` says that it is left alone."""

    ticket: Ticket
    changes: tuple[Change, ...]
    why: str = ""


def foresee(ticket: Ticket, wanted: Wanted, actor: User, known: Beside | None = None) -> Outlook:
    """What ``wanted`` would do, and where it is ``known`` what stands beside the ticket, what that
    takes along. All of it is done to a ticket, or nothing."""
    differing = tuple(_differences(ticket, wanted, actor))
    if why := _refusal(ticket, wanted, differing, actor):
        return Outlook(ticket, (), why)
    along = consequences(ticket, wanted, known) if known else ()
    return Outlook(ticket, (*differing, *along))


def _refusal(ticket: Ticket, wanted: Wanted, differing: tuple[Change, ...], actor: User) -> str:
    action = Action.READ if wanted.keys() <= {"follow"} else Action.TRIAGE
    if not may(actor, action, ticket):
        return f"You may not {action.value}."
    if not differing:
        return "It is so already."
    touched = {change.key for change in differing}
    if ticket.status == Status.CLOSED and not touched <= _EVEN_CLOSED:
        return "It is closed, and what is closed stays as it is."
    if "comes_back_at" in touched and wanted["comes_back_at"]:
        status = str(wanted.get("status", ticket.status))
        if status not in ASIDE:
            return f"It is {lifecycle.words(status)}: only what is pending or on hold comes back."
    if "status" not in touched:
        return ""
    try:
        lifecycle.check(ticket.status, wanted["status"])
    except lifecycle.TransitionRefused as refusal:
        return str(refusal)
    return ""


def _differences(ticket: Ticket, wanted: Wanted, actor: User) -> Iterator[Change]:
    for key in ("status", "priority"):
        if key in wanted and getattr(ticket, key) != wanted[key]:
            yield Change(key, key, _plain(getattr(ticket, key)), _plain(wanted[key]))
    if "comes_back_at" in wanted and ticket.comes_back_at != wanted["comes_back_at"]:
        before, after = ticket.comes_back_at, wanted["comes_back_at"]
        yield Change("comes_back_at", "comes back", when(before), when(after))
    for key in ("assignee", "team", "category"):
        if key in wanted and getattr(ticket, f"{key}_id") != getattr(wanted[key], "pk", None):
            yield Change(key, key, _name(getattr(ticket, key)), _name(wanted[key]))
    if wanted.keys() & {"add_tags", "remove_tags"}:
        yield from _tags(ticket, wanted)
    if "follow" in wanted and actor.pk not in {each.pk for each in ticket.followers.all()}:
        yield Change("follow", "followers", "", f"+ {actor.name}")


def _tags(ticket: Ticket, wanted: Wanted) -> Iterator[Change]:
    present = {tag.name.lower(): tag.name for tag in ticket.tags.all()}
    asked = {name.lower() for name in wanted.get("remove_tags", ())}
    added = dict[str, str]()
    for name in wanted.get("add_tags", ()):
        # What is to be removed as well is not there afterwards.
        if name.lower() not in present and name.lower() not in asked:
            added.setdefault(name.lower(), name)
    gone = [name for key, name in present.items() if key in asked]
    if added:
        yield Change("add_tags", "tags", "", "+ " + ", ".join(added.values()))
    if gone:
        yield Change("remove_tags", "tags", "− " + ", ".join(gone), "")


def _plain(value: str) -> str:
    return value.replace("_", " ")


def _name(thing: Any) -> str:
    return str(thing) if thing is not None else "nobody"
