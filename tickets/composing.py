"""Queries that many requests ask alike: composed once in a process, which takes longer than to ask."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import QuerySet


class Composed:
    """The rows of a queryset of ``values_list()``, for other numbers each time.

    ``rows`` makes it. It is called once, with numbers that no row has, and in their place stand
    afterwards those of each ``read``: what it makes may depend on nothing else, such as a role.
    """

    def __init__(self, rows: Callable[..., QuerySet[Any, Any]], *numbers: str) -> None:
        self._rows = rows
        self._places = {-place: name for place, name in enumerate(numbers, 1)}

    @cached_property
    def _composed(self) -> tuple[str, tuple[Any, ...]]:
        rows = self._rows(**{name: place for place, name in self._places.items()})
        return rows.query.sql_with_params()

    def read(self, **numbers: int) -> list[tuple[Any, ...]]:
        sql, values = self._composed
        places = self._places
        given = [type(each)(numbers[places[each]]) if each in places else each for each in values]
        with connection.cursor() as cursor:
            cursor.execute(sql, given)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found
