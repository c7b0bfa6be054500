"""Merging: two tickets turn out to be one matter."""

from datetime import datetime

from django.db import transaction

from tickets import events
from tickets.errors import Invalid
from tickets.lifecycle import REOPENED, Status
from tickets.models import Involvement, Message, Ticket, TicketEvent
from tickets.people.models import Order, User
from tickets.services import orders
from tickets.services.locking import lock_both, must_be_at, over, write
from tickets.services.triage.status import set_status
from tickets.services.triage.waiting import waiting_since

Kind = TicketEvent.Kind


def merge(
    *,
    source: Ticket,
    target: Ticket,
    actor: User | None,
    now: datetime,
    expected_version: int | None = None,
) -> Ticket:
    """Moves ``source``'s conversation, orders, tags and people to ``target`` and closes it.

    A solved or pending target is reopened for a customer who still waits on the source, whose
    clocks are cancelled, not met; the target's running clock takes the earlier start of the same
    customer's wait (sla.md rule 9). ``expected_version`` is the source's. Raises Conflict, and
    Invalid for itself or for what is closed.
    """
    if source.pk == target.pk:
        raise Invalid("A ticket cannot be merged into itself.", "reference")
    with transaction.atomic():
        lock_both(source, target)
        _check(source, target, expected_version)
        same_customer = source.requester_id == target.requester_id
        unanswered = waiting_since(source)
        waits = unanswered if same_customer else None
        gained = _move(source, target, now)
        write(source, now, status=Status.CLOSED, closed_at=now, merged_into=target)
        _take_last_word(source, target, now)
        events.record(
            source, Kind.MERGED_AWAY, at=now, now=now, actor=actor, target=target.reference
        )
        events.record(
            target, Kind.MERGED_IN, at=now, now=now, actor=actor, source=source.reference,
            wait_since=waits.isoformat() if waits else None,
        )  # fmt: skip
        if unanswered and target.status in REOPENED:
            # Whoever waited on the source would be in no queue, or on clocks that stand still.
            set_status(ticket=target, status=Status.OPEN, actor=actor, now=now)
        orders.announce(target, gained, actor=actor, now=now)
    return target


def _check(source: Ticket, target: Ticket, expected_version: int | None) -> None:
    if source.status == Status.CLOSED:
        raise over(source, "Only what is not closed can be merged.")
    if target.status == Status.CLOSED:
        raise Invalid(_no_target(source, target), "reference")
    must_be_at(source, expected_version)


def _no_target(source: Ticket, target: Ticket) -> str:
    """What is closed takes nothing in; it says where to go instead, as far as that makes sense."""
    if target.merged_into_id == source.pk:
        return f"{target.reference} was merged into this ticket already."
    if target.merged_into:
        there = target.merged_into.reference
        return f"{target.reference} was itself merged into {there}: merge into that one."
    return f"{target.reference} is closed and takes nothing in: link the two instead."


def _move(source: Ticket, target: Ticket, now: datetime) -> list[Order]:
    """Everything that people would look for on the target now; returns the orders it gained."""
    Message.objects.filter(ticket=source).update(ticket=target)
    target.tags.add(*source.tags.all())
    followers = set(source.followers.all())
    if source.assignee and source.assignee.is_active and source.assignee != target.assignee:
        followers.add(source.assignee)
    target.followers.add(*followers)
    for row in source.involvements.all():
        Involvement.objects.get_or_create(
            ticket=target, user_id=row.user_id, defaults={"because": row.because, "since": now}
        )
    return orders.attach(target, source.orders.all())


def _take_last_word(source: Ticket, target: Ticket, now: datetime) -> None:
    fields: dict[str, object] = {}
    if source.last_message_at and (
        target.last_message_at is None or source.last_message_at > target.last_message_at
    ):
        fields = {
            "last_message_at": source.last_message_at,
            "last_message_by_customer": source.last_message_by_customer,
        }
    write(target, now, **fields)
