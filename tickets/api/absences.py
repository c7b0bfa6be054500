"""Out of office over REST: who is out, saying so, and ending it."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from tickets.api.fields import RowField, StaffSerializer, staff
from tickets.api.pagination import InstantCursor
from tickets.api.schema import REFUSALS
from tickets.api.views import reader
from tickets.leading import colleagues
from tickets.people.models import Absence
from tickets.services import absences

LONGEST_NOTE = 200


class AbsenceSerializer(serializers.ModelSerializer[Absence]):
    user = StaffSerializer(read_only=True)
    deputy = StaffSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Absence
        fields = ["id", "user", "starts_at", "ends_at", "note", "deputy"]
        read_only_fields = fields


class PlanAbsenceSerializer(serializers.Serializer[Any]):
    user = RowField(queryset=staff(), help_text="Yourself, or somebody whom you lead.")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    note = serializers.CharField(max_length=LONGEST_NOTE, required=False, default="")
    deputy = RowField(queryset=staff(), required=False, default=None, allow_null=True)


class NextBeginningFirst(InstantCursor):
    ordering = ("starts_at", "id")


@extend_schema_view(
    list=extend_schema(summary="Who is out of office, or will be: you and those you work with"),
)
class AbsenceViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Absence]):
    serializer_class = AbsenceSerializer
    pagination_class = NextBeginningFirst
    filter_backends = ()
    queryset = Absence.objects.none()
    lookup_value_regex = r"[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Absence]:
        rows = Absence.objects.not_over(timezone.now()).select_related("user", "deputy")
        return rows.filter(user__in=colleagues(reader(self.request)))

    @extend_schema(
        summary="Plan an absence",
        request=PlanAbsenceSerializer,
        responses={201: AbsenceSerializer, **REFUSALS},
    )
    def create(self, request: Request) -> Response:
        wanted = PlanAbsenceSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        said = wanted.validated_data
        planned = absences.plan(
            person=said["user"], starts_at=said["starts_at"], ends_at=said["ends_at"],
            note=said["note"], deputy=said["deputy"], actor=reader(request), now=timezone.now(),
        )  # fmt: skip
        return Response(AbsenceSerializer(planned).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="End an absence now; one that has not begun never was",
        responses={204: None, **REFUSALS},
    )
    def destroy(self, request: Request, pk: str) -> Response:
        absences.end(absence=self.get_object(), actor=reader(request), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)
