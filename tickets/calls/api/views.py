"""Endpoints of calls and promised calls; the same services and the same doors as the pages."""

from datetime import timedelta
from typing import Any

import django_filters
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from tickets.access import Action, call_for, may_take_calls, require, ticket_for
from tickets.api.fields import BIGGEST_ID
from tickets.api.filters import IdFilter
from tickets.api.pagination import InstantCursor
from tickets.api.schema import REFUSALS, SEEN
from tickets.api.views import reader
from tickets.calls import services
from tickets.calls.api.serializers import (
    AttachSerializer,
    BeginSerializer,
    CallbackSerializer,
    CallSerializer,
    FinishSerializer,
    HoldingSerializer,
    WithdrawSerializer,
)
from tickets.calls.models import Call, Callback
from tickets.errors import Invalid
from tickets.references import normalise

ANSWERS = {200: CallSerializer, **REFUSALS}


class NewestCallFirst(InstantCursor):
    ordering = ("-started_at", "-id")


class OldestPromiseFirst(InstantCursor):
    ordering = ("promised_at", "id")


class CallFilter(django_filters.FilterSet):
    ticket = django_filters.CharFilter(method="on_ticket", max_length=20)
    contact = IdFilter(field_name="contact_id")
    agent = django_filters.CharFilter(field_name="agent__username")
    under_way = django_filters.BooleanFilter(field_name="ended_at", lookup_expr="isnull")

    class Meta:
        model = Call
        fields: list[str] = []

    def on_ticket(self, calls: Any, name: str, ref: str) -> Any:
        return calls.filter(ticket__reference=normalise(ref) or "")


@extend_schema_view(list=extend_schema(summary="Calls you may see, newest first"))
class CallViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Call]):
    """Calls under way and over. Only who is on a call holds, attaches or finishes it."""

    serializer_class = CallSerializer
    pagination_class = NewestCallFirst
    filterset_class = CallFilter
    queryset = Call.objects.none()
    lookup_value_regex = r"[0-9]{1,18}"

    def get_queryset(self) -> Any:
        return Call.objects.visible_to(reader(self.request)).for_log().order_by()

    @extend_schema(summary="One call", responses={200: CallSerializer, **SEEN})
    def retrieve(self, request: Request, pk: str) -> Response:
        call = self.get_queryset().filter(pk=pk).first()
        if call is None:
            raise NotFound
        return Response(CallSerializer(call).data)

    @extend_schema(
        summary="Begin a call", request=BeginSerializer,
        responses={201: CallSerializer, **REFUSALS},
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        said, user = _said(BeginSerializer, request), reader(request)
        ticket, callback = None, None
        if said["ticket"]:
            ticket = ticket_for(user, said["ticket"], action=Action.CALL)
            callback = ticket.callbacks.filter(pk=said["callback"] or 0).first()
        else:
            may_take_calls(user)
        if said["contact"] is not None:
            may_take_calls(user)
        if said["callback"] and callback is None:
            raise Invalid("This callback was promised on no such ticket.", "callback")
        call = services.begin(
            direction=said["direction"], actor=user, now=timezone.now(), ticket=ticket,
            contact=said["contact"], number_called=said["number"], callback=callback,
        )  # fmt: skip
        return self._fresh(call, status.HTTP_201_CREATED)

    @extend_schema(summary="Put the caller on hold", request=HoldingSerializer, responses=ANSWERS)
    @action(detail=True, methods=["post"])
    def hold(self, request: Request, pk: str) -> Response:
        said = _said(HoldingSerializer, request)
        call = call_for(reader(request), int(pk))
        services.hold(
            call=call, actor=reader(request), now=timezone.now(), because=said["because"],
            moment=timedelta(seconds=said["seconds"]),
        )  # fmt: skip
        return self._fresh(call)

    @extend_schema(summary="Back to the caller", request=None, responses=ANSWERS)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        call = call_for(reader(request), int(pk))
        services.resume(call=call, actor=reader(request), now=timezone.now())
        return self._fresh(call)

    @extend_schema(
        summary="Say which ticket the call is about", request=AttachSerializer, responses=ANSWERS
    )
    @action(detail=True, methods=["post"])
    def attach(self, request: Request, pk: str) -> Response:
        said, user = _said(AttachSerializer, request), reader(request)
        call = call_for(user, int(pk))
        ticket = ticket_for(user, said["ticket"], action=Action.CALL)
        services.attach(call=call, ticket=ticket, actor=user, now=timezone.now())
        return self._fresh(call)

    @extend_schema(
        summary="Finish a call, with what came of it and what was promised",
        request=FinishSerializer, responses=ANSWERS,
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, pk: str) -> Response:
        said, user = _said(FinishSerializer, request), reader(request)
        call = call_for(user, int(pk))
        promise = services.Promise(**said["promise"]) if said["promise"] else None
        summary = call.summary if said["summary"] is None else said["summary"]
        services.finish(
            call=call, outcome=said["outcome"], summary=summary, ended_at=said["ended_at"],
            promise=promise, actor=user, now=timezone.now(),
        )  # fmt: skip
        return self._fresh(call)

    def _fresh(self, call: Call, code: int = status.HTTP_200_OK) -> Response:
        row = Call.objects.for_log().get(pk=call.pk)
        return Response(CallSerializer(row).data, status=code)


@extend_schema_view(list=extend_schema(summary="Calls that are owed on tickets you see"))
class CallbackViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Callback]):
    serializer_class = CallbackSerializer
    pagination_class = OldestPromiseFirst
    filter_backends = ()
    queryset = Callback.objects.none()
    lookup_value_regex = r"[0-9]{1,18}"

    def get_queryset(self) -> Any:
        rows = Callback.objects.owed().visible_to(reader(self.request)).for_list()
        return rows.prefetch_related(None)

    @extend_schema(
        summary="A call is not owed any more", request=WithdrawSerializer,
        responses={200: CallbackSerializer, **REFUSALS},
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        said, user = _said(WithdrawSerializer, request), reader(request)
        rows = Callback.objects.visible_to(user).for_list()
        callback = rows.filter(pk=pk).first() if int(pk) <= BIGGEST_ID else None
        if callback is None:
            raise NotFound
        require(user, Action.CALL, callback.ticket)
        services.withdraw_callback(
            callback=callback, actor=user, now=timezone.now(), because=said["because"]
        )
        return Response(CallbackSerializer(callback).data)


def _said(serializer: Any, request: Request) -> dict[str, Any]:
    wanted = serializer(data=request.data)
    wanted.is_valid(raise_exception=True)
    said: dict[str, Any] = wanted.validated_data
    return said
