"""Endpoints of tickets, their messages and their history."""

from typing import Any, cast

from django.db import transaction
from django.db.models.functions import Left
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from tickets.access import Action, NoSuchTicket, NotAllowed, may_open, ticket_for
from tickets.api.filters import TicketFilter
from tickets.api.pagination import NewestChangeFirst, OldestFirst, OldestMessageFirst
from tickets.api.schema import REFUSALS, SEEN
from tickets.api.serializers import (
    ChangeTicketSerializer,
    EditHeldSerializer,
    EventSerializer,
    HeldSerializer,
    LinkOrderSerializer,
    ListedMessageSerializer,
    MergeSerializer,
    MessageSerializer,
    OpenTicketSerializer,
    TicketSerializer,
    WriteMessageSerializer,
)
from tickets.errors import Invalid
from tickets.mentions import mentions_in
from tickets.models import Message, Ticket, TicketEvent
from tickets.outbox.models import OutgoingMail
from tickets.people.models import User
from tickets.people.services import contact_for
from tickets.services import changes, conversation, triage
from tickets.services.orders import order_of
from tickets.services.receiving import receive
from tickets.views.folding import LONG


def reader(request: Request) -> User:
    return cast(User, request.user)


@extend_schema_view(
    list=extend_schema(summary="Tickets you may see, last changed first"),
    retrieve=extend_schema(summary="One ticket", responses={200: TicketSerializer, **SEEN}),
)
class TicketViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Ticket]):
    serializer_class = TicketSerializer
    pagination_class = NewestChangeFirst
    filterset_class = TicketFilter
    lookup_field = "reference"
    lookup_value_regex = r"[A-Za-z0-9-]{4,20}"
    queryset = Ticket.objects.none()

    def get_queryset(self) -> Any:
        return Ticket.objects.visible_to(reader(self.request)).for_queue().prefetch_related("tags")

    def retrieve(self, request: Request, reference: str) -> Response:
        return Response(TicketSerializer(ticket_for(reader(request), reference)).data)

    @extend_schema(
        summary="Open a ticket for a customer",
        request=OpenTicketSerializer,
        responses={201: TicketSerializer, 400: REFUSALS[400], 403: REFUSALS[403]},
    )
    def create(self, request: Request) -> Response:
        may_open(reader(request))
        wanted = OpenTicketSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        fields, now = dict(wanted.validated_data), timezone.now()
        who = {name: fields.pop(f"requester_{name}") for name in ("email", "name", "phone")}
        try:
            ticket, _ = receive(
                **who, **fields, channel=Ticket.Channel.API, actor=reader(request), now=now
            )
        except Invalid as refusal:
            if refusal.field in who:
                refusal.field = f"requester_{refusal.field}"
            raise
        return Response(TicketSerializer(ticket).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Change a ticket",
        request=ChangeTicketSerializer,
        responses={200: TicketSerializer, **REFUSALS},
    )
    def partial_update(self, request: Request, reference: str) -> Response:
        ticket = ticket_for(reader(request), reference, action=Action.TRIAGE)
        wanted = ChangeTicketSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        fields, now = dict(wanted.validated_data), timezone.now()
        with transaction.atomic():  # nobody is made for a change that is refused
            if email := fields.pop("requester_email", None):
                fields["requester"] = contact_for(email=email, now=now)
            ticket = changes.apply(
                ticket=ticket, expected_version=fields.pop("version"), changes=fields,
                actor=reader(request), now=now,
            )  # fmt: skip
        return Response(TicketSerializer(ticket).data)

    @extend_schema(
        summary="Merge a ticket into another, which is returned",
        request=MergeSerializer,
        responses={200: TicketSerializer, **REFUSALS},
    )
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, reference: str) -> Response:
        source = ticket_for(reader(request), reference, action=Action.TRIAGE)
        wanted = MergeSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        said = wanted.validated_data
        try:
            target = ticket_for(reader(request), said["into"], action=Action.TRIAGE)
        except (NoSuchTicket, NotAllowed) as problem:
            raise Invalid("There is no such ticket that you may change.", "into") from problem
        try:
            triage.merge(
                source=source, target=target, actor=reader(request), now=timezone.now(),
                expected_version=said["version"], other_customer=said["other_customer"],
            )  # fmt: skip
        except Invalid as refusal:
            refusal.field = "into" if refusal.field == "reference" else refusal.field
            raise
        return self._as_it_is(request, target)

    @extend_schema(
        summary="Link an order of the ticket's customer",
        request=LinkOrderSerializer,
        responses={200: TicketSerializer, **REFUSALS},
    )
    @action(detail=True, methods=["post"])
    def orders(self, request: Request, reference: str) -> Response:
        ticket = ticket_for(reader(request), reference, action=Action.TRIAGE)
        wanted = LinkOrderSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        order = order_of(customer=ticket.requester, number=wanted.validated_data["order"])
        triage.link_order(ticket=ticket, order=order, actor=reader(request), now=timezone.now())
        return self._as_it_is(request, ticket)

    def _as_it_is(self, request: Request, ticket: Ticket) -> Response:
        return Response(TicketSerializer(ticket_for(reader(request), ticket.reference)).data)

    @extend_schema(
        summary="What happened to a ticket",
        responses={200: EventSerializer(many=True), **SEEN},
        filters=False,
    )
    @action(detail=True, pagination_class=OldestFirst, filterset_class=None)
    def events(self, request: Request, reference: str) -> Response:
        ticket = ticket_for(reader(request), reference)
        rows = TicketEvent.objects.filter(ticket=ticket).select_related("actor")
        return self._page(rows, EventSerializer)

    def _page(self, rows: Any, serializer: Any) -> Response:
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(serializer(page, many=True).data)


@extend_schema_view(
    list=extend_schema(summary="Held replies and progress lines you may recall, oldest first")
)
class HeldViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Message]):
    """All that waits in its hold and that you may recall or send now, on its ticket."""

    serializer_class = HeldSerializer
    pagination_class = OldestMessageFirst
    filter_backends = ()
    queryset = Message.objects.none()

    def get_queryset(self) -> Any:
        mine = Ticket.objects.answerable_by(reader(self.request))
        held = Message.objects.filter(
            kind__in=Message.HELD, mail__state=OutgoingMail.State.HELD, ticket__in=mine
        )
        return _for_lists(held).select_related("ticket")


def _for_lists(messages: Any) -> Any:
    """Of each message no more than a list shows: a page of whole ones could be 200 MB."""
    rows = messages.select_related("author", "contact", "mail")
    return rows.defer("body", "mail__text", "mail__html").annotate(begins=Left("body", LONG + 1))


class MessageViewSet(viewsets.GenericViewSet[Message]):
    """What was said on one ticket; replies and progress lines wait in their hold until they leave."""

    serializer_class = MessageSerializer
    pagination_class = OldestMessageFirst
    queryset = Message.objects.none()
    lookup_value_regex = r"[0-9]{1,18}"

    @extend_schema(
        summary="Messages, oldest first, of long ones the beginning",
        responses={200: ListedMessageSerializer(many=True), **SEEN},
    )
    def list(self, request: Request, reference: str) -> Response:
        ticket = ticket_for(reader(request), reference)
        page = self.paginate_queryset(_for_lists(ticket.messages.all()))
        return self.get_paginated_response(ListedMessageSerializer(page, many=True).data)

    @extend_schema(summary="One message, whole", responses={200: MessageSerializer, **SEEN})
    def retrieve(self, request: Request, reference: str, pk: str) -> Response:
        ticket = ticket_for(reader(request), reference)
        rows = ticket.messages.select_related("author", "contact", "mail")
        message = rows.filter(pk=pk).first()
        if message is None:
            raise NotFound("This ticket has no such message.")
        return Response(MessageSerializer(message).data)

    @extend_schema(
        summary="Write a reply, a note or a progress line",
        request=WriteMessageSerializer,
        responses={201: MessageSerializer, **REFUSALS},
    )
    def create(self, request: Request, reference: str) -> Response:
        wanted = WriteMessageSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        fields = wanted.validated_data
        permission = Action.NOTE if fields["kind"] == "note" else Action.REPLY
        ticket = ticket_for(reader(request), reference, action=permission)
        message = self._write(ticket, fields, reader(request))
        return Response(MessageSerializer(message).data, status=status.HTTP_201_CREATED)

    def _write(self, ticket: Ticket, fields: dict[str, Any], author: User) -> Message:
        now, body = timezone.now(), fields["body"]
        if fields["kind"] == "note":
            people = mentions_in(body).people
            return conversation.note(
                ticket=ticket, author=author, body=body, now=now, mentions=people
            )
        if fields["kind"] == "progress":
            return conversation.progress(ticket=ticket, author=author, text=body, now=now)
        return conversation.reply(
            ticket=ticket, author=author, body=body, now=now,
            expected_version=fields["version"], status_after=fields["status_after"],
            comes_back_at=fields["comes_back_at"],
        )  # fmt: skip

    @extend_schema(
        summary="Edit a reply or progress line while it is held",
        request=EditHeldSerializer,
        responses={200: MessageSerializer, **REFUSALS},
    )
    def partial_update(self, request: Request, reference: str, pk: str) -> Response:
        wanted = EditHeldSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        message = self._held(request, reference, pk)
        conversation.edit_held(
            message=message, actor=reader(request), body=wanted.validated_data["body"],
            expected_version=wanted.validated_data["version"], now=timezone.now(),
        )  # fmt: skip
        return self._fresh(message)

    @extend_schema(
        summary="Recall a held reply or progress line",
        request=None,
        responses={200: MessageSerializer, **REFUSALS},
    )
    @action(detail=True, methods=["post"])
    def recall(self, request: Request, reference: str, pk: str) -> Response:
        message = self._held(request, reference, pk)
        conversation.recall(message=message, actor=reader(request), now=timezone.now())
        return self._fresh(message)

    @extend_schema(
        summary="Send a held reply or progress line now",
        request=None,
        responses={200: MessageSerializer, **REFUSALS},
    )
    @action(detail=True, methods=["post"], url_path="send-now")
    def send_now(self, request: Request, reference: str, pk: str) -> Response:
        message = self._held(request, reference, pk)
        conversation.send_now(message=message, actor=reader(request), now=timezone.now())
        return self._fresh(message)

    def _held(self, request: Request, reference: str, pk: str) -> Message:
        ticket = ticket_for(reader(request), reference, action=Action.REPLY)
        replies = Message.objects.filter(ticket=ticket, kind__in=Message.HELD)
        message = replies.select_related("mail").filter(pk=pk).first()
        if message is None:
            raise NotFound("This ticket has no such reply or progress line.")
        return message

    def _fresh(self, message: Message) -> Response:
        rows = Message.objects.select_related("author", "contact", "mail")
        return Response(MessageSerializer(rows.get(pk=message.pk)).data)
