"""The road: a mail becomes a ticket with a deadline."""

import io
import sys
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core.management import call_command

from escalation.defaults import install_defaults
from escalation.models import Clock, Escalation
from escalation.raising import raise_next
from tests.inbound.conftest import written
from tickets.inbound.models import RawMail
from tickets.models import Message, Ticket, TicketEvent
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.people.models import Order

Kind = TicketEvent.Kind
RECEIVED = timedelta(minutes=20)


@pytest.fixture
def piped(
    cast: SimpleNamespace, now: datetime, monkeypatch: pytest.MonkeyPatch,
    settings: SimpleNamespace, tmp_path: Any,
) -> Any:  # fmt: skip
    """A desk with its defaults, Carla's orders, and the pipe of a mail server 20 minutes late."""
    settings.MEDIA_ROOT = tmp_path
    install_defaults(now=now - timedelta(days=1))
    for number, amount in (("A-1001", "500.01"), ("A-1002", "500.00")):
        Order.objects.create(
            number=number, contact=cast.carla, amount=Decimal(amount), placed_at=now
        )

    def do(raw: bytes) -> Ticket:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
        with time_machine.travel(now, tick=False):
            call_command("receive_mail", "--received-at", (now - RECEIVED).isoformat())
        return Ticket.objects.latest("pk")

    return do


def test_a_mail_becomes_a_ticket_with_a_deadline(piped: Any, now: datetime) -> None:
    ticket = piped(written(subject="The lamp flickers", text="Since yesterday."))
    received = now - RECEIVED

    assert bytes(RawMail.objects.get().raw) == written()
    message = ticket.messages.get(kind=Message.Kind.CUSTOMER)
    opened = ticket.events.get(kind=Kind.OPENED)
    assert (message.at, opened.at, opened.recorded_at) == (received, received, now)

    clock = Clock.objects.get(ticket=ticket, metric="first_reply")
    assert (clock.state, clock.started_at) == ("running", received)
    assert clock.due_at
    assert ticket.next_due_at == ticket.answer_due_at == clock.due_at

    acknowledgement = OutgoingMail.objects.get(purpose="acknowledgement")
    assert ticket.reference in acknowledgement.text
    assert f"{clock.due_at:%H:%M} (UTC)" in acknowledgement.text
    outbox.deliver_due(now)
    ticket.refresh_from_db()
    clock.refresh_from_db()
    assert ticket.events.filter(kind=Kind.ACKNOWLEDGED_CUSTOMER).exists()
    assert (ticket.status, clock.state) == ("new", "running")


def test_an_order_above_the_limit_named_in_the_text_reaches_the_executives(
    piped: Any, cast: SimpleNamespace, now: datetime
) -> None:
    ticket = piped(written(text="My order a-1001 has not come."))
    assert [order.number for order in ticket.orders.all()] == ["A-1001"]
    assert ticket.events.filter(kind=Kind.RULE_FIRED).exists()
    while raise_next(now):
        pass
    assert Escalation.objects.filter(ticket=ticket).exists()
    told = OutgoingMail.objects.filter(purpose="alert", deliveries__email=cast.eve.email)
    assert ticket.reference in told.latest("pk").text + told.latest("pk").subject


@pytest.mark.parametrize(
    "mail",
    [
        written(text="My order A-1002 has not come."),
        written(sender="carl@home.example", text="Order A-1001 of Carla has not come."),
    ],
    ids=["exactly the limit", "an order of somebody else"],
)
def test_others_do_not(piped: Any, cast: SimpleNamespace, now: datetime, mail: bytes) -> None:
    ticket = piped(mail)
    while raise_next(now):
        pass
    assert not ticket.orders.filter(number="A-1001").exists()
    assert not OutgoingMail.objects.filter(deliveries__email=cast.eve.email).exists()


def test_no_ticket_without_its_deadline(
    piped: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: Any) -> None:
        raise RuntimeError("the clocks are out of order")

    with monkeypatch.context() as broken:
        broken.setattr("escalation.matching.bind_first", fail)
        with pytest.raises(Ticket.DoesNotExist):
            piped(written())
    raw = RawMail.objects.get()
    assert (raw.state, raw.because) == ("failed", "RuntimeError: the clocks are out of order")
    assert not OutgoingMail.objects.exists()
    with time_machine.travel(now + timedelta(minutes=2), tick=False):
        call_command("process_mail", stdout=io.StringIO())
    ticket = Ticket.objects.get()
    assert (ticket.opened_at, Clock.objects.filter(ticket=ticket).exists()) == (
        now - RECEIVED, True,
    )  # fmt: skip
