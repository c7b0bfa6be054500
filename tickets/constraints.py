"""Constraints that several models share."""

from collections.abc import Iterable

from django.db.models import CheckConstraint, Q


def one_of(field: str, values: Iterable[str | int], name: str, said: str) -> CheckConstraint:
    """The database takes none but ``values``: the field's choices, and "" where it may be blank."""
    return CheckConstraint(
        condition=Q(**{f"{field}__in": list(values)}), name=name, violation_error_message=said
    )
