"""Reads of scripts that chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from kb.scripts.models import Script  # noqa: F401
    from tickets.people.models import User


class ScriptQuerySet(models.QuerySet["Script"]):
    def own_of(self, user: User) -> ScriptQuerySet:
        """What ``user`` keeps for themselves."""
        return self.filter(owner=user)

    def offered_to(self, user: User) -> ScriptQuerySet:
        """Those in use: everybody's, and ``user``'s own."""
        return self.filter(Q(owner=None) | Q(owner=user), active=True)
