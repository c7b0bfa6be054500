"""Who has how much, over REST."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from escalation.workload import Load, day_end, of_teams
from tickets.api.absences import AbsenceSerializer
from tickets.api.fields import IdField, NamedSerializer, StaffSerializer
from tickets.api.schema import REFUSALS
from tickets.api.views import reader
from tickets.leading import led_by, require_lead
from tickets.people.models import Team


class LoadSerializer(serializers.Serializer[Any]):
    person = StaffSerializer(read_only=True)
    leads = serializers.BooleanField(source="is_leading", read_only=True)
    open = serializers.IntegerField(source="open.number", read_only=True)
    waiting_for_customer = serializers.IntegerField(source="waiting.number", read_only=True)
    late = serializers.IntegerField(source="late.number", read_only=True)
    due_today = serializers.IntegerField(source="today.number", read_only=True)
    most_open = serializers.IntegerField(source="most", read_only=True, allow_null=True)
    held_replies = serializers.IntegerField(source="held", read_only=True)
    escalations = serializers.IntegerField(
        source="escalated.number", read_only=True, help_text="Open tickets that are escalated."
    )
    on_a_call = serializers.SerializerMethodField()
    absence = AbsenceSerializer(read_only=True, allow_null=True)
    needs_hands = serializers.BooleanField(read_only=True)

    def get_on_a_call(self, load: Load) -> bool:
        return load.call is not None


class TeamLoadSerializer(serializers.Serializer[Any]):
    team = NamedSerializer(read_only=True)
    assignment = serializers.ChoiceField(
        source="team.assignment", choices=Team.Assignment.choices, read_only=True
    )
    open = serializers.IntegerField(source="open.number", read_only=True)
    late = serializers.IntegerField(source="late.number", read_only=True)
    unassigned = serializers.IntegerField(source="unassigned.number", read_only=True)
    people = LoadSerializer(source="loads", many=True, read_only=True)


class AskedSerializer(serializers.Serializer[Any]):
    team = IdField(required=False, help_text="Of this team alone.")


class WorkloadViewSet(viewsets.GenericViewSet[Team]):
    queryset = Team.objects.none()
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        summary="Who of the teams you lead has how much, and who is out",
        description="Counting stops at 251 for a person and at 1000 for a team.",
        parameters=[AskedSerializer],
        responses={200: TeamLoadSerializer(many=True), 403: REFUSALS[403]},
    )
    def list(self, request: Request) -> Response:
        user, now = reader(request), timezone.now()
        require_lead(user)
        asked = AskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        teams = led_by(user)
        if (team := asked.validated_data.get("team")) is not None:
            teams = teams.filter(pk=team)
        found = of_teams(teams, now=now, day_ends=day_end(now))
        return Response(TeamLoadSerializer(found, many=True).data)
