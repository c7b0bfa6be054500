"""Endpoints of offers and grants; the same services and the same door as the pages."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from kb.offers import services
from kb.offers.api.serializers import (
    DecisionSerializer,
    GrantSerializer,
    KnowsSerializer,
    OptionSerializer,
    WantGrantSerializer,
)
from kb.offers.models import Grant
from tickets.access import Action, ticket_for
from tickets.api.pagination import InstantCursor
from tickets.api.schema import REFUSALS, SEEN
from tickets.api.views import reader

ANSWERS = {200: GrantSerializer, **REFUSALS}
DECIDING: dict[str, Any] = {"request": DecisionSerializer, "responses": ANSWERS}


class NewestRequestFirst(InstantCursor):
    ordering = ("-requested_at", "-id")


class OfferViewSet(viewsets.GenericViewSet[Grant]):
    """What may be offered on one ticket, and why."""

    queryset = Grant.objects.none()
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        summary="The offers that fit this ticket, with your limit",
        responses={200: OptionSerializer(many=True), **SEEN},
    )
    def list(self, request: Request, reference: str) -> Response:
        user = reader(request)
        ticket = ticket_for(user, reference)
        options = services.available(ticket=ticket, user=user, now=timezone.now())
        return Response(OptionSerializer(options, many=True).data)


class GrantViewSet(viewsets.GenericViewSet[Grant]):
    """What was granted, asked for, refused or reversed on one ticket."""

    serializer_class = GrantSerializer
    pagination_class = NewestRequestFirst
    queryset = Grant.objects.none()
    lookup_value_regex = r"[0-9]{1,18}"

    @extend_schema(
        summary="A ticket's grants, newest first",
        responses={200: GrantSerializer(many=True), **SEEN},
    )
    def list(self, request: Request, reference: str) -> Response:
        ticket = ticket_for(reader(request), reference)
        rows = ticket.grants.select_related("offer", "requested_by", "decided_by")
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(GrantSerializer(page, many=True).data)

    @extend_schema(
        summary="Grant an offer within your authority, or ask for it",
        request=WantGrantSerializer,
        responses={201: GrantSerializer, **REFUSALS},
    )
    def create(self, request: Request, reference: str) -> Response:
        wanted = WantGrantSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        said = dict(wanted.validated_data)
        given = {key: said[key] for key in ("offer", "amount", "key")}
        given |= {
            "ticket": ticket_for(reader(request), reference, action=Action.OFFER),
            "actor": reader(request),
            "now": timezone.now(),
        }
        write = services.request_approval if said["ask"] else services.grant
        row = write(**given, reason=said["reason"])
        return Response(GrantSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Approve what was asked for", request=None, responses=ANSWERS)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, reference: str, pk: str) -> Response:
        return self._decide(request, reference, pk, services.approve)

    @extend_schema(summary="Refuse what was asked for", **DECIDING)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, reference: str, pk: str) -> Response:
        return self._decide(request, reference, pk, services.refuse, **_reason(request))

    @extend_schema(
        summary="Reverse a grant: booked back, and recalled where a held reply says it", **DECIDING
    )
    @action(detail=True, methods=["post"], url_path="reverse")
    def reverse_grant(self, request: Request, reference: str, pk: str) -> Response:
        return self._decide(request, reference, pk, services.reverse, **_reason(request))

    @extend_schema(
        summary="Say whether the customer knows of a grant, by phone say",
        request=KnowsSerializer,
        responses=ANSWERS,
    )
    @action(detail=True, methods=["post"])
    def told(self, request: Request, reference: str, pk: str) -> Response:
        wanted = KnowsSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        knows = wanted.validated_data["knows"]
        return self._decide(request, reference, pk, services.say_told, Action.REPLY, knows=knows)

    def _decide(
        self,
        request: Request,
        reference: str,
        pk: str,
        service: Callable[..., Grant],
        wanted: Action = Action.APPROVE_OFFER,
        **said: Any,
    ) -> Response:
        ticket = ticket_for(reader(request), reference, action=wanted)
        row = ticket.grants.select_related("offer", "ticket").filter(pk=pk).first()
        if row is None:
            raise NotFound("This ticket has no such grant.")
        done = service(grant=row, actor=reader(request), now=timezone.now(), **said)
        return Response(GrantSerializer(done).data)


def _reason(request: Request) -> dict[str, Any]:
    wanted = DecisionSerializer(data=request.data)
    wanted.is_valid(raise_exception=True)
    return {"reason": wanted.validated_data["reason"]}
