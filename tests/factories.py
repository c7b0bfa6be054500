"""Short ways to what many tests need: a ticket, an order, a delivery, two people at once."""

import os
import threading
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, connections

from tickets.models import Message, Ticket
from tickets.outbox import services as outbox
from tickets.people.models import Contact, Order
from tickets.services import conversation, opening


def ticket(cast: SimpleNamespace, now: datetime, **fields: Any) -> Ticket:
    """Carla's question to Support, opened by mail; ``fields`` replace any of it."""
    given: dict[str, Any] = {
        "subject": "The lamp hums",
        "body": "It hums since Monday.",
        "requester": cast.carla,
        "channel": "email",
        "team": cast.support,
        "now": now,
    }
    return opening.open_ticket(**given | fields)


def order(contact: Contact, now: datetime, number: str = "NL-1001", amount: str = "20") -> Order:
    return Order.objects.create(
        number=number, contact=contact, amount=Decimal(amount), currency="USD", placed_at=now
    )


def customer_writes(
    ticket: Ticket, at: datetime, body: str = "Any news?", **fields: Any
) -> Message:
    given = {"contact": ticket.requester, "received_at": at, "now": at}
    return conversation.customer_message(ticket=ticket, body=body, **given | fields)


def replied(ticket: Ticket, author: Any, at: datetime, **fields: Any) -> Message:
    """A reply that has left at once."""
    message = conversation.reply(
        ticket=ticket, author=author, body="It is known.", now=at, **fields
    )
    conversation.send_now(message=message, actor=author, now=at)
    outbox.deliver_due(at)
    return message


def kinds(ticket: Ticket) -> list[str]:
    """The kinds of the ticket's events in the order in which they were recorded."""
    return list(ticket.events.order_by("pk").values_list("kind", flat=True))


def event(ticket: Ticket, kind: str) -> Any:
    return ticket.events.get(kind=kind)


def at_once(*deeds: Callable[[], object]) -> list[object]:
    """Runs ``deeds`` in threads that start together; their results, or what they raised, in order."""
    if connection.vendor != "postgresql":
        lacking = pytest.fail if os.environ.get("REQUIRE_SERVERS") else pytest.skip
        lacking("races need the row locks of PostgreSQL")
    gate = threading.Barrier(len(deeds))
    outcomes: list[object] = [None] * len(deeds)

    def run(place: int, deed: Callable[[], object]) -> None:
        try:
            gate.wait(timeout=20)
            outcomes[place] = deed()
        except Exception as problem:
            outcomes[place] = problem
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return outcomes
