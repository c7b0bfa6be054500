"""Filters of the ticket list."""

import django_filters

from tickets.api.fields import BIGGEST_ID
from tickets.lifecycle import Status
from tickets.models import Ticket


class TicketFilter(django_filters.FilterSet):
    status = django_filters.MultipleChoiceFilter(choices=[(s.value, s.value) for s in Status])
    priority = django_filters.MultipleChoiceFilter(choices=Ticket.Priority.choices)
    team = django_filters.NumberFilter(field_name="team_id", min_value=1, max_value=BIGGEST_ID)
    category = django_filters.NumberFilter(
        field_name="category_id", min_value=1, max_value=BIGGEST_ID
    )
    assignee = django_filters.CharFilter(field_name="assignee__username")
    requester_email = django_filters.CharFilter(field_name="requester__email", lookup_expr="iexact")
    tag = django_filters.CharFilter(field_name="tags__name", lookup_expr="iexact")
    is_late = django_filters.BooleanFilter()
    updated_after = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gt")

    class Meta:
        model = Ticket
        fields: list[str] = []
