"""What the lists of paths and schedules say of each row, read once for the whole list."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from django.contrib import admin

from escalation import loading, sentences
from escalation.loading import Candidate
from escalation.models import Path, Policy
from escalation.shadowing import shadows
from tickets.people.models import User


class PathColumns:
    """For one page of the list: a path says what it continues with too, however long the chain."""

    @admin.display(description="Who is told, and when")
    def climbs(self, path: Path) -> str:
        return sentences.climbs(self._paths[path.pk], self._people)

    @cached_property
    def _paths(self) -> Mapping[int, Path]:
        found = {path.pk: path for path in Path.objects.prefetch_related("steps")}
        for path in found.values():
            path.continues_with = found.get(path.continues_with_id or 0)
        return found

    @cached_property
    def _people(self) -> Mapping[int, User]:
        steps = (step for path in self._paths.values() for step in path.steps.all())
        return User.objects.in_bulk({step.person_id for step in steps if step.person_id})


class PolicyColumns:
    """For one page of the list: which schedules are never asked depends on all of them."""

    @admin.display(description="For whom")
    def for_whom(self, policy: Policy) -> str:
        first = self._first_of.get(policy.pk) if policy.active else None
        never = (
            f". Never asked: «{first.name}» comes before and fits the same tickets" if first else ""
        )
        return f"{sentences.fits(policy)}{never}"

    @cached_property
    def _first_of(self) -> Mapping[int, Candidate]:
        return shadows(loading.current().candidates)
