"""Two workers at the same mail, two copies at the same moment: one ticket."""

from collections import Counter
from datetime import datetime
from types import SimpleNamespace

import pytest

from tests.factories import at_once
from tests.inbound.conftest import eml, written
from tickets.inbound import services
from tickets.inbound.models import RawMail
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_same_bytes_at_once_are_one_row_and_one_ticket(
    cast: SimpleNamespace, now: datetime
) -> None:
    def receive() -> RawMail:
        return services.process(services.store(eml("plain"), now, "pipe"), now)

    outcomes = at_once(*[receive] * 6)
    assert {type(each) for each in outcomes} == {RawMail}
    assert RawMail.objects.get().state == "processed"
    assert Ticket.objects.count() == 1


def test_two_copies_by_two_ways_at_once_are_one_ticket(
    cast: SimpleNamespace, now: datetime
) -> None:
    copies = [f"Received: from mx{number}\n".encode() + eml("plain") for number in range(4)]
    rows = [services.store(raw, now, "pipe") for raw in copies]
    at_once(*[lambda row=row: services.process(row, now) for row in rows])
    states = Counter(RawMail.objects.values_list("state", flat=True))
    assert states == {"processed": 1, "ignored": 3}
    assert Ticket.objects.count() == 1


def test_two_mails_of_a_new_customer_at_once_are_both_dealt_with(
    cast: SimpleNamespace, now: datetime
) -> None:
    mails = [
        written(sender="new@home.example", message_id=f"<{n}@home.example>", text=f"Mail {n}")
        for n in range(4)
    ]
    rows = [services.store(raw, now, "pipe") for raw in mails]
    at_once(*[lambda row=row: services.process(row, now) for row in rows])
    assert Ticket.objects.filter(requester__email="new@home.example").count() == 4
