"""Schedules that are never asked, because one before them takes every ticket of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from escalation.loading import Candidate
from escalation.specs import Spec


def shadows(candidates: Sequence[Candidate]) -> dict[int, Candidate]:
    """By the policy's number, the first candidate before it that fits every ticket it fits.

    ``candidates`` in the order in which they are asked.
    """
    found: dict[int, Candidate] = {}
    for place, candidate in enumerate(candidates):
        before = (
            each for each in candidates[:place] if _covers(each.conditions, candidate.conditions)
        )
        first = next(before, None)
        if first is not None:
            found[candidate.policy_id] = first
    return found


def fitting(candidates: Sequence[Candidate], facts: Spec) -> list[Candidate]:
    """Those that may hold for a ticket of which ``facts`` are true, named as conditions are."""
    found = []
    for candidate in candidates:
        if not _excluded(candidate.conditions, facts):
            found.append(candidate)
            if _covers(candidate.conditions, facts):
                break
    return found


def _covers(first: Spec, second: Spec) -> bool:
    """Each condition of ``first`` holds wherever those of ``second`` do; none holds everywhere."""
    return all(
        not wanted or _covered(second.get(name) or [], wanted) for name, wanted in first.items()
    )


def _excluded(conditions: Spec, facts: Spec) -> bool:
    """A ticket has one of everything but tags, so another one can not be true as well."""
    return any(
        name != "tags" and wanted and facts.get(name) and not _covered(facts[name], wanted)
        for name, wanted in conditions.items()
    )


def _covered(narrower: Iterable[Any], wider: Iterable[Any]) -> bool:
    values = {_key(each) for each in narrower}
    return bool(values) and values <= {_key(each) for each in wider}


def _key(each: Any) -> Any:
    """Rows stand in a version as number and name."""
    return each[0] if isinstance(each, list) else each
