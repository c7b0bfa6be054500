"""Search over REST: the same words and operators as on the desk's search page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tickets.api.serializers import TicketSerializer
from tickets.models import Message, Ticket
from tickets.people.models import User
from tickets.searching.excerpts import excerpt
from tickets.searching.finding import find
from tickets.searching.lines import place_of
from tickets.searching.ranking import Hit
from tickets.searching.vocabulary import OPERATORS
from tickets.searching.words import Term

LINES = 50  # of which an answer is made
MOST_MESSAGES = 3
_HOW = 'Words, «"exact phrase"», «begin*», «-without», and operators: {}.'.format(
    "; ".join(f"{name}: {each.asks}" for name, each in OPERATORS.items())
)
_Q = OpenApiParameter("q", str, required=True, description=_HOW)
_OLDER = OpenApiParameter(
    "older", str, description="«older» of the page before: what lies further back."
)


class PieceSerializer(serializers.Serializer[Any]):
    """A piece of plain text; to be escaped before it is shown."""

    text = serializers.CharField(read_only=True)
    is_hit = serializers.BooleanField(read_only=True)


class SaidSerializer(serializers.Serializer[Any]):
    """A message in which the words stand, and where in it."""

    id = serializers.IntegerField(read_only=True)
    kind = serializers.ChoiceField(choices=Message.Kind.choices, read_only=True)
    at = serializers.DateTimeField(read_only=True)
    excerpt = PieceSerializer(many=True, read_only=True)


class HitSerializer(serializers.Serializer[Any]):
    ticket = TicketSerializer(read_only=True)
    messages = SaidSerializer(
        many=True, read_only=True,
        help_text="The best of them; none where only subject or customer fit.",
    )  # fmt: skip


class FoundSerializer(serializers.Serializer[Any]):
    """Tickets, best and newest first."""

    results = HitSerializer(many=True, read_only=True)
    is_complete = serializers.BooleanField(
        read_only=True, help_text="False where only the newest matches were looked at."
    )
    older = serializers.CharField(
        read_only=True, allow_null=True, help_text="To be sent for what lies further back."
    )


class ProblemsSerializer(serializers.Serializer[Any]):
    q = serializers.ListField(child=serializers.CharField(), read_only=True)


class SearchView(APIView):
    """Full text of tickets and messages you may see, notes included."""

    @extend_schema(
        summary="Search tickets",
        operation_id="search",
        parameters=[_Q, _OLDER],
        responses={
            200: FoundSerializer,
            400: OpenApiResponse(ProblemsSerializer, description="What could not be understood."),
            404: OpenApiResponse(description="«older» leads nowhere."),
        },
    )
    def get(self, request: Request) -> Response:
        text = request.query_params.get("q", "")
        if not text.strip():
            raise ValidationError({"q": ["Say what to look for."]})
        older = request.query_params.get("older", "")
        before = place_of(older)
        if older and before is None:
            raise NotFound("«older» was not made here.")
        found = find(
            text=text,
            user=cast(User, request.user),
            now=timezone.now(),
            before=before,
            most=LINES,
        )
        if found.problems:
            raise ValidationError({"q": list(found.problems)})
        answer = {
            "results": _told(found.hits, found.wanted.sought),
            "is_complete": not found.is_cut,
            "older": found.older or None,
        }
        return Response(FoundSerializer(answer).data)


def _told(hits: Sequence[Hit], terms: Sequence[Term]) -> list[dict[str, Any]]:
    """Three queries, however many there are."""
    numbers = [hit.ticket for hit in hits]
    tickets = Ticket.objects.for_queue().prefetch_related("tags").in_bulk(numbers)
    messages = Message.objects.in_bulk([pk for hit in hits for pk in hit.messages[:MOST_MESSAGES]])
    return [
        {
            "ticket": tickets[hit.ticket],
            "messages": [
                _said(messages[pk], terms) for pk in hit.messages[:MOST_MESSAGES] if pk in messages
            ],
        }
        for hit in hits
        if hit.ticket in tickets
    ]


def _said(message: Message, terms: Sequence[Term]) -> dict[str, Any]:
    pieces = [piece._asdict() for piece in excerpt(message.body, terms)]
    return {"id": message.pk, "kind": message.kind, "at": message.at, "excerpt": pieces}
