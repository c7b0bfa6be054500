"""Shapes of tickets, messages and events; read and write are different shapes on purpose."""

from typing import Any

from rest_framework import serializers

from tickets.api.fields import (
    ContactSerializer,
    IdField,
    NamedSerializer,
    RowField,
    StaffSerializer,
    VersionField,
    categories,
    staff,
    teams,
)
from tickets.lifecycle import Status
from tickets.models import Message, Ticket, TicketEvent
from tickets.outbox import checking
from tickets.views.folding import LONG

MAX_BODY = 100_000
WRITTEN_KINDS = ["reply", "note", "progress"]


class TicketSerializer(serializers.ModelSerializer[Ticket]):
    requester = ContactSerializer(read_only=True)
    assignee = StaffSerializer(read_only=True, allow_null=True)
    team = NamedSerializer(read_only=True)
    category = NamedSerializer(read_only=True)
    tags = serializers.SlugRelatedField[Any](slug_field="name", many=True, read_only=True)

    class Meta:
        model = Ticket
        fields = [
            "reference", "subject", "status", "priority", "channel", "category", "team",
            "assignee", "requester", "tags", "version", "opened_at", "updated_at", "solved_at",
            "closed_at", "next_due_at", "next_due_metric", "is_late", "is_paused",
            "escalation_level", "comes_back_at",
        ]  # fmt: skip
        read_only_fields = fields


class OpenTicketSerializer(serializers.Serializer[Any]):
    """A ticket opened for a customer: by name and address, as they gave them."""

    subject = serializers.CharField(max_length=250)
    body = serializers.CharField(max_length=MAX_BODY)
    requester_email = serializers.EmailField(max_length=254, validators=[checking.validate])
    requester_name = serializers.CharField(max_length=160, required=False, default="")
    requester_phone = serializers.CharField(
        max_length=40, required=False, default="",
        help_text="Kept where no number of theirs is known; noted on the ticket where another is.",
    )  # fmt: skip
    category = RowField(queryset=categories(), required=False, default=None)
    team = RowField(queryset=teams(), required=False, default=None)
    priority = serializers.ChoiceField(
        choices=Ticket.Priority.choices, required=False, default="normal"
    )
    tags = serializers.ListField(
        child=serializers.CharField(max_length=60), max_length=20, required=False, default=list
    )
    acknowledge = serializers.BooleanField(required=False, default=True)


class ChangeTicketSerializer(serializers.Serializer[Any]):
    """What may be changed; ``version`` is the one you read, so that nobody is overwritten."""

    version = VersionField()
    subject = serializers.CharField(max_length=250, required=False)
    requester_email = serializers.EmailField(
        max_length=254, required=False, validators=[checking.validate],
        help_text="Another customer is the one who asks; made where nobody has this address.",
    )  # fmt: skip
    status = serializers.ChoiceField(choices=[status.value for status in Status], required=False)
    comes_back_at = serializers.DateTimeField(
        required=False, allow_null=True,
        help_text="When what is pending or on hold is open again by itself; null for never.",
    )  # fmt: skip
    priority = serializers.ChoiceField(choices=Ticket.Priority.choices, required=False)
    category = RowField(queryset=categories(), required=False)
    team = RowField(queryset=teams(), required=False)
    assignee = RowField(queryset=staff(), required=False, allow_null=True)
    add_tags = serializers.ListField(
        child=serializers.CharField(max_length=60), max_length=20, required=False
    )
    remove_tags = serializers.ListField(
        child=serializers.CharField(max_length=60), max_length=20, required=False
    )


class MergeSerializer(serializers.Serializer[Any]):
    """``other_customer`` is asked for where the customers differ: every reply then goes to both."""

    version = VersionField()
    into = serializers.CharField(max_length=20, help_text="The reference of the ticket to keep.")
    other_customer = IdField(
        required=False, default=None, allow_null=True,
        help_text="The number of the kept ticket's requester: says that it is one matter.",
    )  # fmt: skip


class LinkOrderSerializer(serializers.Serializer[Any]):
    order = serializers.CharField(max_length=40, help_text="Its number, in any case of letters.")


class MessageSerializer(serializers.ModelSerializer[Message]):
    author = StaffSerializer(read_only=True, allow_null=True)
    contact = ContactSerializer(read_only=True, allow_null=True)
    mail_state = serializers.CharField(
        source="mail.state",
        read_only=True,
        default=None,
        allow_null=True,
        help_text="held, released, sent, recalled or dead; null where no mail carries it.",
    )
    release_at = serializers.DateTimeField(
        source="mail.release_at", read_only=True, default=None, allow_null=True
    )

    class Meta:
        model = Message
        fields = [
            "id", "kind", "author", "contact", "body", "at", "is_public", "mail_state", "release_at",
            "version", "is_proven",
        ]  # fmt: skip
        read_only_fields = fields
        extra_kwargs = {"is_public": {"help_text": "The customer may see it once it has left."}}

    is_public = serializers.BooleanField(read_only=True)


class ListedMessageSerializer(MessageSerializer):
    """As in a list: of a long message its beginning."""

    body = serializers.SerializerMethodField(
        help_text=f"The first {LONG:,} characters; the message's own address has all of it."
    )
    is_cut = serializers.SerializerMethodField(help_text="Whether the message goes on.")

    class Meta(MessageSerializer.Meta):
        fields = [*MessageSerializer.Meta.fields, "is_cut"]
        read_only_fields = fields

    def get_body(self, message: Message) -> str:
        return _begins(message)[:LONG]

    def get_is_cut(self, message: Message) -> bool:
        return len(_begins(message)) > LONG


def _begins(message: Message) -> str:
    """One character more than is shown, so that one can tell whether it goes on."""
    return str(message.begins)  # type: ignore[attr-defined]


class HeldSerializer(ListedMessageSerializer):
    ticket = serializers.CharField(source="ticket.reference", read_only=True)

    class Meta(ListedMessageSerializer.Meta):
        fields = ["ticket", *ListedMessageSerializer.Meta.fields]
        read_only_fields = fields


class WriteMessageSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=WRITTEN_KINDS)
    body = serializers.CharField(max_length=MAX_BODY)
    version = VersionField(
        required=False,
        default=None,
        allow_null=True,
        help_text="For a reply: refuse it when the ticket has changed since.",
    )
    status_after = serializers.ChoiceField(
        choices=["open", "pending", "on_hold", "solved"],
        required=False,
        default=None,
        allow_null=True,
    )
    comes_back_at = serializers.DateTimeField(
        required=False, default=None, allow_null=True,
        help_text="When it is open again, where it is pending or on hold then.",
    )  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What would change nothing is not taken in silence."""
        given = [
            name for name in ("version", "status_after", "comes_back_at") if attrs[name] is not None
        ]
        if attrs["kind"] != "reply" and given:
            raise serializers.ValidationError(
                {name: ["Only a reply takes this."] for name in given}
            )
        return attrs


class EditHeldSerializer(serializers.Serializer[Any]):
    """Other words; ``version`` is the reply's that you read, so that nobody is overwritten."""

    body = serializers.CharField(max_length=MAX_BODY)
    version = VersionField()


class EventSerializer(serializers.ModelSerializer[TicketEvent]):
    actor = StaffSerializer(read_only=True, allow_null=True)

    class Meta:
        model = TicketEvent
        fields = ["id", "kind", "at", "recorded_at", "actor", "message", "data"]
        read_only_fields = fields
