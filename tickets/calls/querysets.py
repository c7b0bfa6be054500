"""Reads of calls and promised calls that chain; who may see them is decided by their tickets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.db.models import F, Q

from tickets.lifecycle import ACTIVE

if TYPE_CHECKING:
    from tickets.calls.models import Call, Callback  # noqa: F401  named in strings
    from tickets.people.models import User

AT_THE_DESK = {"agent", "supervisor"}
# A constant, so that also a prepared plan takes the index that holds nothing else.
_IS_OPEN = models.Func(
    F("state"), template="%(expressions)s = 'open'", output_field=models.BooleanField()
)


def _reachable(user: User) -> models.QuerySet[Any, Any]:
    return apps.get_model("tickets", "Ticket").objects.reachable_by(user).order_by().values("pk")


def _sees_all(user: User) -> bool:
    return user.is_active and (user.is_superuser or user.role == "admin")


class CallQuerySet(models.QuerySet["Call"]):
    def under_way(self) -> CallQuerySet:
        return self.filter(ended_at=None)

    def of(self, user: User) -> CallQuerySet:
        return self.filter(agent=user)

    def visible_to(self, user: User) -> CallQuerySet:
        """One's own, those on tickets one sees, and at the desk also those on no ticket."""
        if _sees_all(user):
            return self
        if not user.is_active:
            return self.none()
        seen = Q(agent=user) | Q(ticket__in=_reachable(user))
        return self.filter(seen | Q(ticket=None) if user.role in AT_THE_DESK else seen)

    def for_log(self) -> CallQuerySet:
        """Newest first, with what a line of the call log shows: two queries."""
        rows = self.select_related("ticket", "contact", "agent").prefetch_related("holds")
        return rows.order_by("-started_at", "-pk")


class CallbackQuerySet(models.QuerySet["Callback"]):
    def owed(self) -> CallbackQuerySet:
        return self.filter(state="open")

    def after_all(self) -> CallbackQuerySet:
        """Owed on tickets that are solved or closed, the first due first: no number of open tickets
        has them, and the promise stands all the same."""
        owed = self.filter(_IS_OPEN).exclude(ticket__status__in=sorted(ACTIVE))
        return owed.filter(expected_at__isnull=False).order_by("expected_at", "pk")

    def visible_to(self, user: User) -> CallbackQuerySet:
        return self if _sees_all(user) else self.filter(ticket__in=_reachable(user))

    def soonest(self) -> CallbackQuerySet:
        """What is due first comes first; what has no deadline last."""
        return self.order_by(F("expected_at").asc(nulls_last=True), "pk")

    def for_list(self) -> CallbackQuerySet:
        """With what a line of callbacks shows, and the calls made for it: three queries at most."""
        rows = self.select_related(
            "ticket__requester", "ticket__team", "ticket__assignee", "contact", "promised_by"
        )
        return rows.prefetch_related("calls__agent")
