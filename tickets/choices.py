"""Short lists of names to choose from or to show, several of them in one query."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet, TextField, Value

from tickets.models import Category
from tickets.people.models import Team, User
from tickets.words import shown

Choices = list[tuple[int, str]]
_NOTHING = Value("", output_field=TextField())


def read(**lists: QuerySet[Any]) -> dict[str, Choices]:
    """The (pk, name) pairs of each queryset, by name; one query for however many lists."""
    first, *others = [_columns(kind, rows) for kind, rows in lists.items()]
    found: dict[str, Choices] = {kind: [] for kind in lists}
    for kind, pk, *names in first.union(*others, all=True):
        found[kind].append((pk, shown(_joined(*names))))
    for pairs in found.values():
        pairs.sort(key=lambda pair: (pair[1].lower(), pair[0]))
    return found


def of_the_desk(**others: QuerySet[Any]) -> dict[str, Choices]:
    """Every team, every category and everybody who may be assigned a ticket; and ``others``."""
    return read(
        team=Team.objects.all(),
        category=Category.objects.all(),
        assignee=User.objects.filter(is_active=True),
        **others,
    )


def staff() -> Choices:
    """Everybody who may be assigned a ticket."""
    return read(assignee=User.objects.filter(is_active=True))["assignee"]


def names_of(people: Collection[int | None]) -> dict[int, str]:
    """The names of these people, whether they still work here or not; no query for nobody."""
    found = User.objects.in_bulk(people) if people else {}
    return {pk: shown(each.name) for pk, each in found.items()}


def _columns(kind: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    person = issubclass(rows.model, User)
    names = ("username", "first_name", "last_name") if person else ("name", _NOTHING, _NOTHING)
    return rows.order_by().values_list(Value(kind), "pk", *names)


def _joined(name: str, first: str, last: str) -> str:
    """A person's full name as User.name has it; of anything else the name."""
    return f"{first} {last}".strip() or name
