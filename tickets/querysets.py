"""Reads of tickets, messages and events that chain; who may see a ticket is decided here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, Value

from tickets.composing import Composed
from tickets.lifecycle import ACTIVE, ASIDE, Status

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


def _brought_before(user: User) -> models.QuerySet[Any, int]:
    """Numbers of the tickets that ``user`` follows or that were put before them."""
    followed, brought = (rows.values_list("ticket", flat=True) for rows in _brought(user))
    return followed.union(brought)


def _brought(user: User) -> tuple[models.QuerySet[Any], models.QuerySet[Any]]:
    tickets: Any = apps.get_model("tickets", "Ticket")
    followed = tickets.followers.through.objects.filter(user=user)
    return followed, user.involvements.order_by()


def _numbers(user: int) -> models.QuerySet[Any, Any]:
    """Numbers of ``user``'s teams; then of the tickets brought before them, the newest first."""
    person = get_user_model()(pk=user)
    teams = person.memberships.order_by().annotate(kind=_TEAM).values_list("kind", "team_id")
    tickets = (
        rows.annotate(kind=_TICKET).values_list("kind", "ticket_id") for rows in _brought(person)
    )
    return teams.union(*tickets).order_by("kind", "-team_id")[: MOST_NUMBERS + 1]


_TEAM, _TICKET = Value(0), Value(1)
_NUMBERS = Composed(_numbers, "user")


class Reach(NamedTuple):
    """What somebody sees without being asked about a single ticket.

    Not ``whole`` where it is too much for a list of numbers.
    """

    everything: bool
    teams: list[int]
    tickets: list[int]
    whole: bool = True


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
        reach = self.reach_of(user, MOST_NUMBERS)
        brought = reach.tickets if reach.whole else _brought_before(user)
        return self.filter(Q(assignee=user) | Q(team__in=reach.teams) | Q(pk__in=brought))

    def reachable_by(self, user: User) -> TicketQuerySet:
        """The same tickets as ``visible_to``, asked in one query: for fetching a single one."""
        if not user.is_active:
            return self.none()
        if _sees_all(user):
            return self
        mine = Q(assignee=user) | Q(pk__in=_brought_before(user))
        if _works_in_teams(user):
            mine |= Q(team__in=_teams(user))
        return self.filter(mine)

    def reach_of(self, user: User, most: int) -> Reach:
        """The same rule by numbers, for who must judge without the database; assigned ones apart.

        Of the tickets brought before them the ``most`` newest.
        """
        if not user.is_active:
            return Reach(False, [], [])
        if _sees_all(user):
            return Reach(True, [], [])
        rows = _NUMBERS.read(user=user.pk)
        whole = len(rows) <= MOST_NUMBERS
        teams = [number for kind, number in rows if kind == _TEAM.value] if whole else _teams(user)
        tickets = [number for kind, number in rows if kind == _TICKET.value]
        return Reach(False, list(teams) if _works_in_teams(user) else [], tickets[:most], whole)

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
        return self.filter(Q(assignee=user) | Q(pk__in=_brought_before(user)))

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

    def put_aside(self) -> TicketQuerySet:
        """Pending or on hold until an instant at which they come back by themselves."""
        return self.filter(comes_back_at__isnull=False)

    def aside_without_end(self) -> TicketQuerySet:
        """Pending or on hold until somebody opens them."""
        return self.filter(status__in=sorted(ASIDE), comes_back_at=None)


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
