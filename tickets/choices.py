"""Short lists of names to choose from or to show, several of them in one query."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from typing import Any

from django.db.models import Model, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, Now
from django.utils.timezone import localtime

from tickets import composing
from tickets.models import Category
from tickets.people.models import Absence, Contact, Team, User
from tickets.words import out_until, shown

Choices = list[tuple[int, str]]
Lists = dict[str, QuerySet[Any]]
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
    return _sorted(lists, _together(lists))


class Composed:
    """The same where a page reads the same lists each time: their query is composed once.

    ``lists`` makes the querysets out of ``numbers``, as in ``composing.Composed``.
    """

    def __init__(self, lists: Callable[..., Lists], *numbers: str) -> None:
        self._kinds: Collection[str] = ()
        self._lists = lists
        self._rows = composing.Composed(self._made, *numbers)

    def read(self, **numbers: int) -> dict[str, Choices]:
        rows = self._rows.read(**numbers)
        return _sorted(self._kinds, rows)

    def _made(self, **numbers: int) -> QuerySet[Any, Any]:
        lists = self._lists(**numbers)
        self._kinds = list(lists)
        return _together(lists)


def lists_of_the_desk() -> Lists:
    """Every team, every category and everybody who may be assigned a ticket.

    ``out`` has what to say beside the names of those who are out of office.
    """
    return {
        "team": Team.objects.all(),
        "category": Category.objects.all(),
        "assignee": User.objects.filter(is_active=True),
        "out": Absence.objects.at(Now()),
    }


_OF_THE_DESK = Composed(lists_of_the_desk)


def of_the_desk() -> dict[str, Choices]:
    """What ``lists_of_the_desk`` has."""
    return _OF_THE_DESK.read()


def with_absences(people: Choices, out: Choices) -> Choices:
    """«Ana Okafor (out until Fri 6 Mar)»: people to choose from."""
    said = dict(out)
    return [(pk, f"{name} ({said[pk]})" if pk in said else name) for pk, name in people]


def colleagues() -> Choices:
    """Everybody who may be given a ticket, with until when who is out."""
    found = read(assignee=User.objects.filter(is_active=True), out=Absence.objects.at(Now()))
    return with_absences(found["assignee"], found["out"])


def out_of_office(people: Choices) -> Choices:
    """These people, with until when who is out."""
    return with_absences(people, read(out=Absence.objects.at(Now()))["out"])


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


def _together(lists: Lists) -> QuerySet[Any, Any]:
    first, *others = [_columns(kind, rows) for kind, rows in lists.items()]
    return first.union(*others, all=True)


def _sorted(lists: Collection[str], rows: Iterable[tuple[Any, ...]]) -> dict[str, Choices]:
    found: dict[str, Choices] = {kind: [] for kind in lists}
    for kind, pk, *names in rows:
        name = _joined(*names)
        found[kind].append((pk, _until(name) if kind == "out" else shown(name)))
    for pairs in found.values():
        pairs.sort(key=lambda pair: (pair[1].lower(), pair[0]))
    return found


def _columns(kind: str, rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    if issubclass(rows.model, Absence):
        until = Cast("ends_at", TextField())
        return rows.order_by().values_list(Value(kind), "user_id", until, _NOTHING, _NOTHING)
    names = _NAMES.get(rows.model, ("name", _NOTHING, _NOTHING))
    return rows.order_by().values_list(Value(kind), "pk", *names)


def _joined(name: str, first: str, last: str) -> str:
    """A person's full name as User.name has it; of anything else the name."""
    return f"{first} {last}".strip() or name
