"""Endpoints of clocks and escalations; the same services and the same door as the pages."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from escalation import raising
from escalation.api.serializers import (
    ClockSerializer,
    EscalationSerializer,
    HandBackSerializer,
    NoteSerializer,
    ReasonSerializer,
)
from escalation.clocks import explain_clocks
from escalation.models import Clock, Escalation
from tickets.access import ticket_for
from tickets.api.pagination import InstantCursor
from tickets.api.schema import REFUSALS, SEEN
from tickets.api.serializers import TicketSerializer
from tickets.api.views import reader
from tickets.models import Ticket
from tickets.people.models import User
from tickets.references import normalise

Escalations = QuerySet[Escalation]


class NewestStartFirst(InstantCursor):
    ordering = ("-started_at", "-id")


class EscalationFilter(django_filters.FilterSet):
    state = django_filters.MultipleChoiceFilter(choices=Escalation.State.choices)
    trigger = django_filters.MultipleChoiceFilter(choices=Escalation.Trigger.choices)
    ticket = django_filters.CharFilter(method="of_ticket", max_length=20)

    class Meta:
        model = Escalation
        fields: list[str] = []

    def of_ticket(self, rows: Escalations, name: str, reference: str) -> Escalations:
        """As forgiving as the addresses are."""
        return rows.filter(ticket__reference=normalise(reference))


class ClockViewSet(viewsets.GenericViewSet[Clock]):
    """The clocks of one ticket, each with the engine's account of its deadline."""

    serializer_class = ClockSerializer
    pagination_class = NewestStartFirst
    queryset = Clock.objects.none()
    lookup_value_regex = r"[0-9]{1,18}"

    @extend_schema(
        summary="A ticket's clocks with their reasons, newest first",
        responses={200: ClockSerializer(many=True), **SEEN},
    )
    def list(self, request: Request, reference: str) -> Response:
        ticket = ticket_for(reader(request), reference)
        page = self.paginate_queryset(Clock.objects.filter(ticket=ticket)) or []
        return self.get_paginated_response(_explained(ticket, page, reader(request)))

    @extend_schema(
        summary="One clock, and why its deadline is what it is",
        responses={200: ClockSerializer, **SEEN},
    )
    def retrieve(self, request: Request, reference: str, pk: str) -> Response:
        ticket = ticket_for(reader(request), reference)
        clock = Clock.objects.filter(ticket=ticket, pk=pk).first()
        if clock is None:
            raise NotFound("This ticket has no such clock.")
        return Response(_explained(ticket, [clock], reader(request))[0])


def _explained(ticket: Ticket, clocks: Sequence[Clock], user: User) -> Any:
    """The clocks' shapes; one replay explains them all. A forgotten clock has nothing to say."""
    told = explain_clocks(ticket, clocks, user.zone, timezone.now())
    return ClockSerializer(clocks, many=True, context={"told": told}).data


@extend_schema_view(
    list=extend_schema(summary="Escalations on tickets you may see, newest first"),
    retrieve=extend_schema(summary="One escalation", responses={200: EscalationSerializer, **SEEN}),
)
class EscalationViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Escalation]
):
    serializer_class = EscalationSerializer
    pagination_class = NewestStartFirst
    filterset_class = EscalationFilter
    queryset = Escalation.objects.none()
    lookup_value_regex = r"[0-9]{1,18}"

    def get_queryset(self) -> Escalations:
        seen = Ticket.objects.visible_to(reader(self.request))
        return _in_full(Escalation.objects.filter(ticket__in=seen))

    @extend_schema(
        summary="Acknowledge: the climb stops, nobody above is told",
        request=None,
        responses={200: EscalationSerializer, **REFUSALS},
    )
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        raising.acknowledge(escalation=row, actor=reader(request), now=timezone.now())
        return Response(EscalationSerializer(self.get_object()).data)


class TicketEscalationViewSet(viewsets.GenericViewSet[Escalation]):
    """The escalations of one ticket."""

    serializer_class = EscalationSerializer
    pagination_class = NewestStartFirst
    filter_backends = ()
    queryset = Escalation.objects.none()

    @extend_schema(
        summary="A ticket's escalations, newest first",
        responses={200: EscalationSerializer(many=True), **SEEN},
    )
    def list(self, request: Request, reference: str) -> Response:
        ticket = ticket_for(reader(request), reference)
        page = self.paginate_queryset(_in_full(Escalation.objects.filter(ticket=ticket)))
        return self.get_paginated_response(EscalationSerializer(page, many=True).data)


def _in_full(rows: Escalations) -> Escalations:
    people = ("acknowledged_by", "taken_over_by")
    return rows.select_related("ticket", *people).prefetch_related("steps")


class AuthorityViewSet(viewsets.GenericViewSet[Ticket]):
    """Handing a ticket to a supervisor, taking it over, handing it back."""

    queryset = Ticket.objects.none()
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        summary="Hand the ticket to a supervisor",
        request=ReasonSerializer,
        responses={200: EscalationSerializer, **REFUSALS},
    )
    def hand_over(self, request: Request, reference: str) -> Response:
        said = _said(ReasonSerializer, request)
        row = raising.hand_over(
            ticket=ticket_for(reader(request), reference), actor=reader(request),
            reason=said["reason"], now=timezone.now(),
        )  # fmt: skip
        return Response(EscalationSerializer(row).data)

    @extend_schema(
        summary="Take the ticket over; its agent follows it",
        request=NoteSerializer,
        responses={200: TicketSerializer, **REFUSALS},
    )
    def take_over(self, request: Request, reference: str) -> Response:
        said = _said(NoteSerializer, request)
        raising.take_over(
            ticket=ticket_for(reader(request), reference), actor=reader(request),
            note=said["note"], now=timezone.now(),
        )  # fmt: skip
        return Response(TicketSerializer(ticket_for(reader(request), reference)).data)

    @extend_schema(
        summary="Hand the ticket back with a note",
        request=HandBackSerializer,
        responses={200: TicketSerializer, **REFUSALS},
    )
    def hand_back(self, request: Request, reference: str) -> Response:
        said = _said(HandBackSerializer, request)
        ticket = raising.hand_back(
            ticket=ticket_for(reader(request), reference), actor=reader(request),
            note=said["note"], to=said["to"], now=timezone.now(),
        )  # fmt: skip
        return Response(TicketSerializer(ticket).data)


def _said(serializer: Any, request: Request) -> dict[str, Any]:
    wanted = serializer(data=request.data)
    wanted.is_valid(raise_exception=True)
    return dict(wanted.validated_data)
