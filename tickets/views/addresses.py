"""Addresses of the queue: what stands in one, and the same with something changed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from tickets.filters import BY_KEY, TicketFilter
from tickets.models import SavedView

# What a saved view keeps of an address: everything but where in it one is.
KEPT = ("tab", "sort", *TicketFilter.base_filters)


def address(query: QueryDict, **changes: str) -> str:
    """The queue with some of ``query`` changed, at its first page; an empty change takes away."""
    changed: dict[str, list[Any]] = {
        name: values for name, values in query.lists() if name not in ("after", "form")
    }
    for name, value in changes.items():
        changed[name] = [value]
        if not value:
            del changed[name]
    return f"{reverse('queue')}?{urlencode(changed, doseq=True)}"


def kept(query: QueryDict) -> str:
    """What a view saved from this address would keep, always in the same order."""
    found = QueryDict(mutable=True)
    for name in KEPT:
        if value := query.get(name, ""):
            found[name] = value
    if found.get("tab") not in BY_KEY:
        found["tab"] = next(iter(BY_KEY))
    return found.urlencode()


def walked(query: QueryDict) -> str:
    """What the addresses of a view's tickets carry along: what is kept of it, and its page."""
    found = QueryDict(kept(query)).copy()
    for name in ("view", "after"):
        if value := query.get(name, ""):
            found[name] = value
    return found.urlencode()


def of_view(view: SavedView) -> str:
    """The address that a saved view stands for."""
    return f"{reverse('queue')}?{view.query}&view={view.pk}"


def back(query: str) -> str:
    """The queue as somebody left it; whatever ``query`` says, nowhere else."""
    known = QueryDict(query[:2000]).copy()
    known.pop("form", None)
    return f"{reverse('queue')}?{known.urlencode()}" if known else reverse("queue")
