"""Short lists of names to choose from or to show, several of them in one query."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from django.db.models import Model, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, Now
from django.utils.timezone import localtime

from tickets.models import Category
from tickets.people.models import Absence, Contact, Team, User
from tickets.words import out_until, shown

Choices = list[tuple[int, str]]
_NOTHING = Value("", output_field=TextField())


def _text(column: str) -> Coalesce:
    return Coalesce(column, _NOTHING, output_field=TextField())


_NAMES: dict[type[Model], tuple[Any, ...]] = {
    User: ("username", "first_name", "last_name"),
    # A customer with the address that a copy goes to.
    Contact: (_text("phone"), "name", _text("email")),
}


def read(**lists: QuerySet[Any]) -> dict[str, Choices]:
    """The (pk, name) pairs of each queryset, by name; one query for however many lists."""
    first, *others = [_columns(kind, rows) for kind, rows in lists.items()]
    found: dict[str, Choices] = {kind: [] for kind in lists}
    for kind, pk, *names in first.union(*others, all=True):
        name = _joined(*names)
        found[kind].append((pk, _until(name) if kind == "out" else shown(name)))
    for pairs in found.values():
        pairs.sort(key=lambda pair: (pair[1].lower(), pair[0]))
    return found


def of_the_desk(**others: QuerySet[Any]) -> dict[str, Choices]:
    """Every team, every category and everybody who may be assigned a ticket; and ``others``.

    ``out`` has what to say beside the names of those who are out of office.
    """
    return read(
        team=Team.objects.all(),
        category=Category.objects.all(),
        assignee=User.objects.filter(is_active=True),
        out=Absence.objects.at(Now()),
        **others,
    )


def with_absences(people: Choices, out: Choices) -> Choices:
    """«Ana Okafor (out until Fri 6 Mar)»: people to choose from."""
    said = dict(out)
    return [(pk, f"{name} ({said[pk]})" if pk in said else name) for pk, name in people]


def staff() -> Choices:
    """Everybody who may be assigned a ticket."""
    return read(assignee=User.objects.filter(is_active=True))["assignee"]


def names_of(people: Collection[int | None]) -> dict[int, str]:
    """The names of these people, whether they still work here or not; no query for nobody."""
    found = User.objects.in_bulk(people) if people else {}
    return {pk: shown(each.name) for pk, each in found.items()}


def _until(instant: str) -> str:
    """What a database makes of an instant when it is asked for text; SQLite leaves the zone out."""
    at = datetime.fromisoformat(instant)
    return out_until(localtime(at if at.tzinfo else at.replace(tzinfo=UTC)))


def _columns(kind: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    if issubclass(rows.model, Absence):
        until = Cast("ends_at", TextField())
        return rows.order_by().values_list(Value(kind), "user_id", until, _NOTHING, _NOTHING)
    names = _NAMES.get(rows.model, ("name", _NOTHING, _NOTHING))
    return rows.order_by().values_list(Value(kind), "pk", *names)


def _joined(name: str, first: str, last: str) -> str:
    """A person's full name as User.name has it; of anything else the name."""
    return f"{first} {last}".strip() or name
