"""The only door to a ticket: who sees it and who may do what, for pages, API and commands alike.

What one may not see does not exist (NoSuchTicket, a 404); what one sees but may not do is refused
(NotAllowed, a 403).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet, Value
from django.http import Http404

from tickets.access.roles import NotAllowed, is_admin, may_open, opens_tickets, outranks
from tickets.calls.models import Call
from tickets.models import BulkDeed, Involvement, SavedView, Ticket
from tickets.people.models import Membership, Team, User
from tickets.querysets import SHOWN_IN_LISTS, TicketQuerySet
from tickets.references import normalise

__all__ = [
    "Action",
    "NoSuchCall",
    "NoSuchTicket",
    "NotAllowed",
    "call_for",
    "is_admin",
    "listed",
    "may",
    "may_change_view",
    "may_open",
    "may_share",
    "may_take_calls",
    "may_undo",
    "opens_tickets",
    "outranks",
    "permitted",
    "require",
    "takes_calls",
    "teams_to_share_with",
    "ticket_for",
    "tickets_for",
]


class NoSuchTicket(Http404):
    """There is no such ticket for this reader."""

    def __init__(self) -> None:
        super().__init__("There is no such ticket.")


class NoSuchCall(Http404):
    """There is no such call for this person."""

    def __init__(self) -> None:
        super().__init__("There is no such call.")


class Action(StrEnum):
    READ = "read this ticket"
    REPLY = "answer the customer"
    NOTE = "write an internal note"
    TRIAGE = "change this ticket"
    CALL = "log a call"
    OFFER = "make an offer"
    APPROVE_OFFER = "approve an offer"
    HAND_OVER = "hand this ticket to a supervisor"
    ACKNOWLEDGE = "acknowledge an escalation"
    TAKE_OVER = "take this ticket over"
    HAND_BACK = "hand this ticket back"


# Asked for advice; asked for a decision; at work on it; answering for those at work.
_ADVISE = frozenset({Action.READ, Action.NOTE, Action.ACKNOWLEDGE})
_DECIDE = _ADVISE | {Action.TAKE_OVER, Action.HAND_BACK, Action.APPROVE_OFFER}
# An escalation climbs over the heads of those at work, so they cannot silence it.
_WORK = frozenset(
    {
        Action.READ,
        Action.REPLY,
        Action.NOTE,
        Action.TRIAGE,
        Action.CALL,
        Action.OFFER,
        Action.HAND_OVER,
    }
)
_EVERYTHING = frozenset(Action)
_NOTHING: frozenset[Action] = frozenset()


def ticket_for(
    user: User,
    ref: str,
    *,
    action: Action = Action.READ,
    lock: bool = False,
    related: Sequence[str] = SHOWN_IN_LISTS,
) -> Ticket:
    """The ticket ``ref`` names, for ``user`` to do ``action``; its row locked when asked.

    ``ref`` is forgiving (case, look-alike letters). Raises NoSuchTicket, NotAllowed. Lock only
    inside a transaction, and the ticket before anything else.
    """
    tickets = _with_standing(Ticket.objects.reachable_by(user), user).select_related(*related)
    if lock:
        tickets = tickets.select_for_update(no_key=True, of=("self",))
    reference = normalise(ref)
    found = tickets.filter(reference=reference).order_by()[:1] if reference else []
    ticket: Ticket | None = next(iter(found), None)
    if ticket is None:
        raise NoSuchTicket
    standing = _Standing(ticket.user_leads, ticket.user_involved)  # type: ignore[attr-defined]
    _known(ticket)[_key(user, ticket)] = standing
    if action is not Action.READ:
        require(user, action, ticket)
    return ticket


def tickets_for(user: User, references: Iterable[str]) -> list[Ticket]:
    """Those of ``references`` that ``user`` sees, in one query; ``may`` asks no other for them."""
    wanted = {reference for each in references if (reference := normalise(each))}
    seen = _with_standing(Ticket.objects.reachable_by(user), user).filter(reference__in=wanted)
    found = list(seen.select_related(*SHOWN_IN_LISTS).order_by("pk"))
    for ticket in found:
        standing = _Standing(ticket.user_leads, ticket.user_involved)  # type: ignore[attr-defined]
        _known(ticket)[_key(user, ticket)] = standing
    return found


def require(user: User, action: Action, ticket: Ticket) -> None:
    """Raises NotAllowed, in words, unless ``user`` may do ``action`` to a ticket they see."""
    if not may(user, action, ticket):
        raise NotAllowed(f"You may not {action.value}.")


def may(user: User, action: Action, ticket: Ticket) -> bool:
    """Whether ``user`` may do ``action`` to ``ticket``."""
    return action in permitted(user, ticket)


def permitted(user: User, ticket: Ticket) -> frozenset[Action]:
    """Everything ``user`` may do to ``ticket``; nothing where they may not even see it."""
    if not user.is_active:
        return _NOTHING
    if is_admin(user):
        return _EVERYTHING
    standing = _standing(user, ticket)
    return _by_role(user, ticket, standing) if standing else _NOTHING


def teams_to_share_with(user: User) -> QuerySet[Team]:
    """The teams to whose members ``user`` may offer a saved view: those they lead; admins, all."""
    if is_admin(user):
        return Team.objects.all()
    return Team.objects.filter(pk__in=Membership.objects.leading().filter(user=user).values("team"))


def may_share(user: User, sharing: str, team: Team | None) -> None:
    """Raises NotAllowed unless ``user`` may show a view of theirs to these others."""
    if sharing == SavedView.Sharing.OWN or is_admin(user):
        return
    if sharing == SavedView.Sharing.EVERYBODY or team is None:
        raise NotAllowed("Only an admin shares a view with everybody.")
    if not teams_to_share_with(user).filter(pk=team.pk).exists():
        raise NotAllowed(f"Only who leads {team.name}, or an admin, shares a view with it.")


def may_change_view(user: User, view: SavedView) -> bool:
    """Its owner, an admin, and who leads the team that has it."""
    if not user.is_active:
        return False
    leads = view.team_id and teams_to_share_with(user).filter(pk=view.team_id).exists()
    return view.owner_id == user.pk or is_admin(user) or bool(leads)


def may_undo(user: User, deed: BulkDeed) -> bool:
    """Who did it, and admins; also where it took the tickets out of their sight, since nobody has
    touched those since."""
    return user.is_active and (deed.actor_id == user.pk or is_admin(user))


def takes_calls(user: User) -> bool:
    """Whether ``user`` answers the phone and looks callers up: the desk, not those it asks."""
    return opens_tickets(user)


def may_take_calls(user: User) -> None:
    """Raises NotAllowed unless ``user`` takes calls of whoever calls."""
    if not takes_calls(user):
        raise NotAllowed("Only agents, supervisors and admins take calls.")


def call_for(user: User, pk: int) -> Call:
    """A call of ``user``'s own, to act on: nobody else holds or finishes it. Raises NoSuchCall."""
    rows = Call.objects.of(user).select_related(
        "ticket__requester", "contact__organization__tier", "contact__tier", "callback"
    )
    call: Call | None = rows.filter(pk=pk).first() if user.is_active else None
    if call is None:
        raise NoSuchCall
    return call


def listed(tickets: TicketQuerySet, user: User) -> list[Ticket]:
    """These tickets, of those that ``user`` sees; what they may do to each costs no further query."""
    found = list(_with_standing(tickets, user))
    for ticket in found:
        standing = _Standing(ticket.user_leads, ticket.user_involved)  # type: ignore[attr-defined]
        _known(ticket)[_key(user, ticket)] = standing
    return found


class _Standing(NamedTuple):
    """How a person stands to a ticket they see."""

    leads: bool
    involved: bool


def _by_role(user: User, ticket: Ticket, standing: _Standing) -> frozenset[Action]:
    assigned = ticket.assignee_id == user.pk
    if user.role == User.Role.SUPERVISOR:
        # What a path puts before a supervisor of another team is theirs to take over, too.
        return _EVERYTHING if assigned or any(standing) else _WORK
    if user.role == User.Role.EXECUTIVE:
        return _EVERYTHING if assigned else _DECIDE
    if user.role == User.Role.EXPERT:
        return _WORK | _ADVISE if assigned else _ADVISE
    return _WORK


def _standing(user: User, ticket: Ticket) -> _Standing | None:
    """None where they do not see it. Remembered on the instance, so that a page asks once."""
    known, key = _known(ticket), _key(user, ticket)
    if key not in known:
        known[key] = _looked_up(user, ticket)
    return known[key]


def _known(ticket: Ticket) -> dict[tuple[int | None, ...], _Standing | None]:
    known: dict[tuple[int | None, ...], _Standing | None]
    known = ticket.__dict__.setdefault("_standings", {})
    return known


def _key(user: User, ticket: Ticket) -> tuple[int | None, ...]:
    return (user.pk, ticket.team_id, ticket.assignee_id)


def _looked_up(user: User, ticket: Ticket) -> _Standing | None:
    seen = _with_standing(Ticket.objects.reachable_by(user).filter(pk=ticket.pk), user)
    row = seen.values_list("user_leads", "user_involved").first()  # type: ignore[misc]
    return _Standing(*row) if row else None


def _with_standing(tickets: TicketQuerySet, user: User) -> TicketQuerySet:
    """With what a supervisor's rights hang on; nobody else's do, so nobody else asks."""
    if user.role != User.Role.SUPERVISOR:
        return tickets.annotate(user_leads=Value(False), user_involved=Value(False))
    leading = Membership.objects.leading().filter(team=OuterRef("team"), user=user)
    involving = Involvement.objects.filter(ticket=OuterRef("pk"), user=user)
    return tickets.annotate(user_leads=Exists(leading), user_involved=Exists(involving))
