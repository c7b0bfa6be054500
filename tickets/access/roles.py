"""What a person may by their role alone, whatever the ticket."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied

from tickets.people.models import User


class NotAllowed(PermissionDenied):
    """The reader sees the ticket but may not do this."""


# The chain of authority; advice gives none.
_RANKS: dict[str, int] = {
    User.Role.AGENT: 0,
    User.Role.EXPERT: 0,
    User.Role.SUPERVISOR: 1,
    User.Role.EXECUTIVE: 2,
    User.Role.ADMIN: 3,
}


def outranks(user: User, others: Iterable[User]) -> bool:
    """Whether ``user`` stands above every one of ``others`` in the chain of authority."""
    return all(_rank(user) > _rank(other) for other in others)


def is_admin(user: User) -> bool:
    """Whether ``user`` administers the product."""
    return user.is_active and _rank(user) == _RANKS[User.Role.ADMIN]


def opens_tickets(user: User) -> bool:
    """Whether ``user`` may open tickets for customers: the desk, not those it asks."""
    desk = {User.Role.AGENT, User.Role.SUPERVISOR}
    return is_admin(user) or (user.is_active and user.role in desk)


def may_open(user: User) -> None:
    """Raises NotAllowed unless ``user`` may open tickets for customers."""
    if not opens_tickets(user):
        raise NotAllowed("Only agents, supervisors and admins open tickets for customers.")


def takes_lists(user: User) -> bool:
    """Whether ``user`` may take a view of the queue along as a file: the desk."""
    return opens_tickets(user)


def may_take_lists(user: User) -> None:
    """Raises NotAllowed unless ``user`` may take a view of the queue along as a file."""
    if not takes_lists(user):
        raise NotAllowed("Only agents, supervisors and admins take lists along.")


def _rank(user: User) -> int:
    return _RANKS[User.Role.ADMIN if user.is_superuser else User.Role(user.role)]
