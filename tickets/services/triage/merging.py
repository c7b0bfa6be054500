"""Merging: two tickets turn out to be one matter."""

from datetime import datetime
from typing import Any

from django.db import transaction

from tickets import events
from tickets.errors import Invalid
from tickets.lifecycle import REOPENED, Status
from tickets.models import Involvement, Message, Ticket, TicketEvent
from tickets.people.models import Contact, Order, User
from tickets.services import drafting, orders
from tickets.services.addressees import Wait, keep_waiting, unreached
from tickets.services.lapsing import take_back_progress
from tickets.services.listing import show_waiting
from tickets.services.locking import lock_both, must_be_at, over, write
from tickets.services.triage.aside import NO_RETURN
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
    other_customer: int | None = None,
) -> Ticket:
    """Moves ``source``'s conversation, orders, tags and people to ``target`` and closes it.

    A solved or pending target is reopened for a customer who still waits on the source, whose
    clocks are cancelled, not met; the target's running clock takes the earlier start of the same
    customer's wait (sla.md rule 9).

    Where the customers differ, ``other_customer`` must be the target's, said by somebody who knows
    it. The source's then takes part in the target: every reply goes to both. If they wait, their
    wait begins anew at the merge where nobody waits on the target, and leaves the deadline as it
    is where somebody does; what is answered without reaching them ends it for the others only.

    ``expected_version`` is the source's. Raises Conflict, and Invalid for itself, for what is
    closed, and for another customer whom nobody has confirmed.
    """
    if source.pk == target.pk:
        raise Invalid("A ticket cannot be merged into itself.", "reference")
    with transaction.atomic():
        lock_both(source, target)
        _check(source, target, expected_version)
        _check_customers(source, target, other_customer)
        unanswered, brought = waiting_since(source), _brought(source, target, now)
        gained = _move(source, target, now)
        drafts = drafting.move(source=source, target=target)
        show_waiting(source)
        show_waiting(target)
        write(
            source, now, status=Status.CLOSED, closed_at=now, merged_into=target, **NO_RETURN
        )  # fmt: skip
        _take_last_word(source, target, now)
        events.record(
            source, Kind.MERGED_AWAY, at=now, now=now, actor=actor, target=target.reference
        )
        events.record(
            target, Kind.MERGED_IN, at=now, now=now, actor=actor, source=source.reference,
            **_wait(source, target, unanswered, now) | ({"drafts": drafts} if drafts else {}),
        )  # fmt: skip
        keep_waiting(target, brought, at=now, now=now)
        if unanswered and target.status in REOPENED:
            # Whoever waited on the source would be in no queue, or on clocks that stand still.
            set_status(ticket=target, status=Status.OPEN, actor=actor, now=now)
        if not target.is_active:
            take_back_progress(ticket=target, actor=actor, now=now)
        orders.announce(target, gained, actor=actor, now=now)
    return target


def _check(source: Ticket, target: Ticket, expected_version: int | None) -> None:
    if source.status == Status.CLOSED:
        raise over(source, "Only what is not closed can be merged.")
    if target.status == Status.CLOSED:
        raise Invalid(_no_target(source, target), "reference")
    must_be_at(source, expected_version)


def _check_customers(source: Ticket, target: Ticket, confirmed: int | None) -> None:
    """A wrong reference must not tell one customer what another has asked."""
    ours, theirs = _customers(source), _customers(target)
    if set(ours) != set(theirs) and confirmed != target.requester_id:
        raise Invalid(
            f"{source.reference} is of {_named(ours)}, {target.reference} of {_named(theirs)}. "
            "Confirm that it is one matter: then every reply goes to all of them.",
            "other_customer",
        )


def _customers(ticket: Ticket) -> list[Contact]:
    return [ticket.requester, *ticket.participants.order_by("pk")]


def _named(people: list[Contact]) -> str:
    return " and ".join(
        f"{each.display_name} ({each.email})" if each.name and each.email else each.display_name
        for each in people
    )


def _wait(
    source: Ticket, target: Ticket, unanswered: datetime | None, now: datetime
) -> dict[str, Any]:
    """Since when the source's customer waits here, and who they are where they are another."""
    if source.requester_id == target.requester_id:
        return {"wait_since": unanswered.isoformat() if unanswered else None}
    return {
        "wait_since": now.isoformat() if unanswered else None,
        "customer_id": source.requester_id,
        "customer": source.requester.display_name,
    }


def _brought(source: Ticket, target: Ticket, now: datetime) -> list[Wait]:
    """Whoever an earlier merge brought to the source and nobody has answered yet."""
    waits = unreached(source, set(), now)
    return [each for each in waits if each[0] != target.requester]


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
    joining = {source.requester, *source.participants.all()} - {target.requester}
    target.participants.add(*joining)
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
