"""Fields that several serializers share."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from rest_framework import serializers

from tickets.models import Category, Tag
from tickets.numerals import refuse_lookalikes
from tickets.people.models import Contact, Team, User

BIGGEST_ID = 2**63 - 1


class _Plain(serializers.Field[Any, Any, Any, Any]):
    """Reads a number written as text in the digits 0 to 9 only; Python would take «1_0» and «٢»."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str):
            try:
                refuse_lookalikes(data)
            except ValidationError as problem:
                raise serializers.ValidationError(problem.messages) from problem
            if "_" in data:
                self.fail("invalid")
        return super().to_internal_value(data)


class IdField(_Plain, serializers.IntegerField):
    """A row's number, within what the database can hold."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=BIGGEST_ID, **options)


class VersionField(_Plain, serializers.IntegerField):
    """The version of a ticket that the writer has read."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=2**31 - 1, **options)


class RowField(serializers.PrimaryKeyRelatedField[Any]):
    """A reference by number, which an absurd number cannot break."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("pk_field", IdField())
        super().__init__(**options)


class AmountField(_Plain, serializers.DecimalField):
    """An amount with two decimals."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=12, decimal_places=2, **options)


class StaffSerializer(serializers.ModelSerializer[User]):
    name = serializers.CharField(read_only=True)

    class Meta:
        model = User
        fields = ["id", "username", "name", "role"]
        read_only_fields = fields


class ContactSerializer(serializers.ModelSerializer[Contact]):
    class Meta:
        model = Contact
        fields = ["id", "name", "email", "phone"]
        read_only_fields = fields


class NamedSerializer(serializers.Serializer[Any]):
    """A team or category in passing: number and name."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(read_only=True)


def teams() -> QuerySet[Team]:
    return Team.objects.order_by("name", "pk")


def categories() -> QuerySet[Category]:
    return Category.objects.order_by("name", "pk")


def staff() -> QuerySet[User]:
    return User.objects.filter(is_active=True).order_by("username")


def tags() -> QuerySet[Tag]:
    return Tag.objects.order_by("name", "pk")
