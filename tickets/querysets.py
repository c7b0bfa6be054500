"""Reads of tickets, messages and events that chain; who may see a ticket is decided here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q

from tickets.lifecycle import ACTIVE, Status

if TYPE_CHECKING:
    from tickets.models import Message, Ticket  # noqa: F401  named in strings
    from tickets.people.models import User

MOST_NUMBERS = 500
# Constants, not parameters: a plan that PostgreSQL keeps for a prepared statement knows no values,
# and could not use the indexes that hold only what is active.
_STATUSES = ", ".join(f"'{status}'" for status in sorted(ACTIVE))
_IS_ACTIVE = Func(
    F("status"), template=f"%(expressions)s IN ({_STATUSES})", output_field=BooleanField()
)
SHOWN_IN_LISTS = ("requester", "organization", "assignee", "team", "category")


def _sees_all(user: User) -> bool:
    return user.is_superuser or user.role == "admin"


def _works_in_teams(user: User) -> bool:
    """Executives and experts see what was put before them, even as members of a team."""
    return user.role in {"agent", "supervisor"}


def _teams(user: User) -> models.QuerySet[Any, int]:
    return user.memberships.order_by().values_list("team_id", flat=True)


def _brought_before(tickets: type[models.Model], user: User) -> models.QuerySet[Any, int]:
    """Numbers of the tickets that ``user`` follows or that were put before them."""
    involved = tickets._meta.get_field("involvements").related_model
    followed = tickets.followers.through.objects.filter(user=user)  # type: ignore[attr-defined]
    brought = involved.objects.order_by().filter(user=user)  # type: ignore[union-attr]
    both: models.QuerySet[Any, int] = followed.values_list("ticket", flat=True).union(
        brought.values_list("ticket", flat=True)
    )
    return both


class TicketQuerySet(models.QuerySet["Ticket"]):
    def active(self) -> TicketQuerySet:
        """Neither solved nor closed."""
        return self.filter(_IS_ACTIVE)

    def visible_to(self, user: User) -> TicketQuerySet:
        """The tickets ``user`` may see: of their teams, assigned, followed, or put before them.

        For lists. Teams and followed tickets go into the query as numbers: then PostgreSQL knows
        how many rows to expect, and walks the index of the wanted order for who sees much but
        gathers the few rows for who sees little (with subqueries it guesses half of the table).
        """
        if not user.is_active:
            return self.none()
        if _sees_all(user):
            return self
        teams = list(_teams(user)) if _works_in_teams(user) else []
        brought = _brought_before(self.model, user)
        few = list(brought[: MOST_NUMBERS + 1])
        mine = Q(assignee=user) | Q(team__in=teams)
        return self.filter(mine | Q(pk__in=few if len(few) <= MOST_NUMBERS else brought))

    def reachable_by(self, user: User) -> TicketQuerySet:
        """The same tickets as ``visible_to``, asked in one query: for fetching a single one."""
        if not user.is_active:
            return self.none()
        if _sees_all(user):
            return self
        mine = Q(assignee=user) | Q(pk__in=_brought_before(self.model, user))
        if _works_in_teams(user):
            mine |= Q(team__in=_teams(user))
        return self.filter(mine)

    def answerable_by(self, user: User) -> TicketQuerySet:
        """Those of the visible tickets on which ``user`` may answer the customer, as access says."""
        if _sees_all(user) or _works_in_teams(user):
            return self.visible_to(user)
        return self.assigned_to(user)

    def of_concern_to(self, user: User) -> TicketQuerySet:
        """What is ``user``'s business: who supervises, all they see; others, what is theirs, what
        they follow and what was put before them."""
        if not user.is_active:
            return self.none()
        if _sees_all(user) or user.role == "supervisor":
            return self.visible_to(user)
        return self.filter(Q(assignee=user) | Q(pk__in=_brought_before(self.model, user)))

    def assigned_to(self, user: User) -> TicketQuerySet:
        """What ``user`` answers for; all of it is visible to them, so nothing else need be asked."""
        return self.filter(assignee=user) if user.is_active else self.none()

    def of_teams_of(self, user: User) -> TicketQuerySet:
        """The tickets of the teams ``user`` works in; all of it is visible to them."""
        if not user.is_active:
            return self.none()
        teams = list(_teams(user)) if _works_in_teams(user) or _sees_all(user) else []
        return self.filter(team__in=teams)

    def for_queue(self) -> TicketQuerySet:
        """With what a row of the queue shows, in one query."""
        return self.select_related(*SHOWN_IN_LISTS)

    def waiting_for_customer(self) -> TicketQuerySet:
        return self.filter(status=Status.PENDING)


class MessageQuerySet(models.QuerySet["Message"]):
    def public(self) -> MessageQuerySet:
        """What the customer may see: nothing internal and nothing still held or recalled."""
        return self.filter(kind__in=self.model.PUBLIC).exclude(mail__state__in=["held", "recalled"])

    def taken_back(self) -> MessageQuerySet:
        """Recalled and not written anew: neither its writer nor who recalled it wrote its like since.

        It need not be word for word the same: whoever sends better words has sent these.
        """
        events = apps.get_model("tickets", "TicketEvent")._default_manager
        recalls = events.filter(message=OuterRef(OuterRef("pk")), kind="reply_recalled")
        since = self.model._default_manager.filter(
            Q(author=OuterRef("author")) | Q(author__in=recalls.values("actor")),
            ticket=OuterRef("ticket"),
            kind=OuterRef("kind"),
            at__gte=OuterRef("mail__recalled_at"),
        ).exclude(mail__state="recalled")
        return self.filter(mail__state="recalled").exclude(Exists(since))
