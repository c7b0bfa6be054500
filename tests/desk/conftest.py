"""A signed-in browser per person, and tickets opened through the services."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tickets.calls import services as calls
from tickets.models import Message, Ticket
from tickets.people.models import User
from tickets.services import conversation, triage
from tickets.services.opening import open_ticket

Opener = Callable[..., Ticket]


@pytest.fixture
def desk(db: None) -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def opened(cast: SimpleNamespace) -> Opener:
    """Opens a ticket of Carla's in Support an hour ago; any field may be said otherwise."""

    def open_one(**fields: Any) -> Ticket:
        at = timezone.now() - timedelta(hours=1)
        values: dict[str, Any] = {
            "subject": "The lamp flickers",
            "body": "It flickers since yesterday.",
            "requester": cast.carla,
            "channel": "email",
            "now": at,
            "received_at": at,
            "team": cast.support,
            "acknowledge": False,
        }
        return open_ticket(**(values | fields))

    return open_one


@pytest.fixture
def held(cast: SimpleNamespace, opened: Opener) -> Message:
    """A reply of Ana's that waits in its hold."""
    return conversation.reply(
        ticket=opened(), author=cast.ana, body="A new one leaves today.", now=timezone.now()
    )


def owes_a_call(opened: Opener, actor: User, at: datetime, **fields: Any) -> Ticket:
    """A ticket opened, a call promised for ``at``, and solved, all of it four hours ago."""
    then = timezone.now() - timedelta(hours=4)
    ticket: Ticket = opened(now=then, **fields)
    calls.promise_callback(ticket=ticket, due_at=at, actor=actor, because="Does it run?", now=then)
    triage.set_status(ticket=ticket, status="solved", actor=actor, now=then)
    return ticket


def due(ticket: Ticket, at: datetime | None, metric: str = "first_reply", **fields: Any) -> None:
    """Gives the ticket the deadline that the clocks would have stored."""
    Ticket.objects.filter(pk=ticket.pk).update(
        next_due_at=at, next_due_metric=metric if at else "", **fields
    )
