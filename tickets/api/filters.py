"""Filters of the ticket list."""

from datetime import datetime
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django_filters.fields import IsoDateTimeField
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from tickets.api.fields import BIGGEST_ID
from tickets.lifecycle import Status
from tickets.models import Ticket
from tickets.numerals import FIRST_YEAR, LAST_YEAR, PlainInteger


class InstantField(IsoDateTimeField):
    """No instant that another zone would push off the calendar's end."""

    def clean(self, value: Any) -> datetime | None:
        at: datetime | None = super().clean(value)
        if at is not None and not FIRST_YEAR <= at.year <= LAST_YEAR:
            raise ValidationError(f"Use a year from {FIRST_YEAR} to {LAST_YEAR}.")
        return at


class InstantFilter(django_filters.IsoDateTimeFilter):
    field_class = InstantField


@extend_schema_field(OpenApiTypes.INT)
class IdFilter(django_filters.NumberFilter):
    """A row's number: whole, and within what the database can hold."""

    field_class = PlainInteger

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=BIGGEST_ID, **options)


class TicketFilter(django_filters.FilterSet):
    status = django_filters.MultipleChoiceFilter(choices=[(s.value, s.value) for s in Status])
    priority = django_filters.MultipleChoiceFilter(choices=Ticket.Priority.choices)
    team = IdFilter(field_name="team_id")
    category = IdFilter(field_name="category_id")
    assignee = django_filters.CharFilter(field_name="assignee__username")
    requester_email = django_filters.CharFilter(field_name="requester__email", lookup_expr="iexact")
    tag = django_filters.CharFilter(field_name="tags__name", lookup_expr="iexact")
    comes_back = django_filters.BooleanFilter(
        field_name="comes_back_at", lookup_expr="isnull", exclude=True
    )
    is_late = django_filters.BooleanFilter()
    updated_after = InstantFilter(field_name="updated_at", lookup_expr="gt")

    class Meta:
        model = Ticket
        fields: list[str] = []
