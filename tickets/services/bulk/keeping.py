"""What is wanted of many tickets as data that outlives the process that was asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Model

from tickets.errors import Invalid
from tickets.models import Category
from tickets.people.models import Team, User
from tickets.services.bulk.wording import Wanted

_MODELS: dict[str, Any] = {"team": Team, "assignee": User, "category": Category}


def as_data(wanted: Wanted) -> dict[str, Any]:
    """Numbers for objects, text for instants."""
    return {name: _plain(value) for name, value in wanted.items()}


def from_data(kept: Mapping[str, Any]) -> Wanted:
    """The same wish again. Raises Invalid where something it names is gone."""
    wanted = {
        name: object_of(name, value, f"The {name} it was to have is not there any more.")
        for name, value in kept.items()
    }
    if at := wanted.get("comes_back_at"):
        wanted["comes_back_at"] = datetime.fromisoformat(at)
    return wanted


def object_of(name: str, value: Any, gone: str) -> Any:
    """What ``value`` means for the property ``name``. Raises Invalid, saying ``gone``."""
    model = _MODELS.get(name)
    if model is None or value is None:
        return value
    found = model.objects.filter(pk=value).first()
    if found is None:
        raise Invalid(gone, name)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.pk
    return value.isoformat() if isinstance(value, datetime) else value
