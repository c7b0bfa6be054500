"""Several changes of one ticket as one: all of them, or none."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from tickets.models import Ticket
from tickets.people.models import User
from tickets.services import triage
from tickets.services.locking import locked

# In this order: the team before the assignee who must belong to it, the status before when what is
# pending or on hold comes back.
STEPS: dict[str, tuple[Callable[..., Ticket], str]] = {
    "subject": (triage.set_subject, "subject"),
    "requester": (triage.change_requester, "requester"),
    "category": (triage.set_category, "category"),
    "priority": (triage.set_priority, "priority"),
    "team": (triage.move_to_team, "team"),
    "assignee": (triage.assign, "assignee"),
    "add_tags": (triage.add_tags, "tags"),
    "remove_tags": (triage.remove_tags, "tags"),
    "status": (triage.set_status, "status"),
    "comes_back_at": (triage.put_aside, "until"),
}


def apply(
    *,
    ticket: Ticket,
    changes: dict[str, Any],
    actor: User | None,
    now: datetime,
    expected_version: int | None = None,
) -> Ticket:
    """Applies ``changes`` (keys of STEPS) in one transaction and returns the ticket as it is then.

    Raises Conflict when the ticket is no longer at ``expected_version``, and whatever the single
    changes refuse; then nothing has changed.
    """
    with transaction.atomic():
        version = expected_version
        if not changes.keys() & STEPS.keys():
            with locked(ticket, version):
                pass  # nothing to change, but it is said that somebody else has changed it
        for name, (change, argument) in STEPS.items():
            if name not in changes:
                continue
            change(
                ticket=ticket, actor=actor, now=now, expected_version=version,
                **{argument: changes[name]},
            )  # fmt: skip
            version = None  # checked once; what follows happens under the same lock
    fresh: Ticket = Ticket.objects.for_queue().get(pk=ticket.pk)
    return fresh
