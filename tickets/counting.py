"""Counts whose cost does not grow with what they count: they stop at a limit and say so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import IntegerField, Q, QuerySet, Subquery


@dataclass(frozen=True, slots=True)
class Count:
    """A number, or that there are more than we count."""

    number: int
    most: int

    @property
    def is_capped(self) -> bool:
        return self.number > self.most

    def __add__(self, more: int) -> Count:
        return Count(self.number + more, self.most)

    def __bool__(self) -> bool:
        return self.number > 0

    def __str__(self) -> str:
        return f"{self.most}+" if self.is_capped else str(self.number)


class Capped(Subquery):
    """How many rows a query gives, up to ``most`` and one; it may be correlated.

    The query keeps its order: in none, PostgreSQL, expecting to find so few soon, may read the whole
    table; in one that no index has, it sorts what need only be counted.
    """

    template = "(SELECT count(*) FROM (%(subquery)s) AS capped)"
    output_field = IntegerField()

    def __init__(self, rows: QuerySet[Any], most: int, **extra: Any) -> None:
        super().__init__(rows.values("pk")[: most + 1], **extra)


def counted(rows: QuerySet[Any], most: int, narrowed: Q | None = None) -> Count:
    """The same for a query that stands alone."""
    found = rows.filter(narrowed) if narrowed is not None else rows
    return Count(len(found.order_by().values_list("pk")[: most + 1]), most)
