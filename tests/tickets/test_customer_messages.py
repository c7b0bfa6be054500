"""What a customer's message does to the ticket."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from tests.factories import customer_writes, event, kinds, replied, ticket
from tickets.errors import Invalid
from tickets.models import Ticket, TicketLink
from tickets.services import triage

HOUR = timedelta(hours=1)


def set_status(one: Ticket, status: str, at: datetime) -> None:
    triage.set_status(ticket=one, status=status, actor=None, now=at)


@pytest.mark.parametrize(
    ("before", "after"),
    [("new", "new"), ("open", "open"), ("pending", "open"), ("on_hold", "on_hold"),
     ("solved", "open")],
)  # fmt: skip
def test_pending_and_solved_open_again(
    cast: SimpleNamespace, now: datetime, before: str, after: str
) -> None:
    one = ticket(cast, now)
    if before != "new":
        set_status(one, before, now)
    customer_writes(one, now + HOUR)
    one.refresh_from_db()
    assert (one.status, one.solved_at) == (after, None)
    assert one.last_message_by_customer
    assert one.last_message_at == now + HOUR


def test_it_counts_from_its_receipt_and_so_does_the_reopening(
    cast: SimpleNamespace, now: datetime
) -> None:
    one = ticket(cast, now)
    set_status(one, "pending", now)
    received = now + HOUR
    customer_writes(one, now + 3 * HOUR, received_at=received)
    assert event(one, "customer_message").at == received
    assert one.events.filter(kind="status_changed").last().at == received


def test_a_late_mail_reopens_what_was_solved_in_between_but_not_before_it(
    cast: SimpleNamespace, now: datetime
) -> None:
    one = ticket(cast, now)
    solved, learned = now + 2 * HOUR, now + 3 * HOUR
    set_status(one, "solved", solved)
    customer_writes(one, learned, received_at=now + HOUR)
    one.refresh_from_db()
    changes = one.events.filter(kind="status_changed").order_by("at", "pk")
    assert one.status == "open"
    assert [change.data["to"] for change in changes] == ["solved", "open"]
    assert changes.last().at == solved


def test_a_late_mail_is_not_the_last_word(cast: SimpleNamespace, now: datetime) -> None:
    one = ticket(cast, now)
    replied(one, cast.ana, now + 2 * HOUR)
    customer_writes(one, now + 3 * HOUR, received_at=now + HOUR)
    one.refresh_from_db()
    assert one.last_message_at == now + 2 * HOUR
    assert not one.last_message_by_customer


def test_on_a_closed_ticket_it_opens_a_follow_up(cast: SimpleNamespace, now: datetime) -> None:
    one = ticket(cast, now, category=cast.suggestion, team=cast.billing, priority="urgent")
    set_status(one, "closed", now)
    message = customer_writes(one, now + HOUR, "Still humming", message_id="<again@x.example>")
    fresh = message.ticket
    assert fresh != one
    assert (fresh.status, fresh.subject, fresh.opened_at) == ("new", one.subject, now + HOUR)
    assert (fresh.team, fresh.category, fresh.requester) == (
        cast.billing,
        cast.suggestion,
        cast.carla,
    )
    assert (message.body, message.message_id) == ("Still humming", "<again@x.example>")
    link = TicketLink.objects.get()
    assert (link.ticket, link.other, link.kind) == (fresh, one, "follow_up")
    assert "linked" in kinds(one)
    assert fresh.messages.filter(kind="automatic").exists()
    one.refresh_from_db()
    assert one.status == "closed"


def test_a_follow_up_came_by_mail_whatever_opened_the_first(
    cast: SimpleNamespace, now: datetime
) -> None:
    one = ticket(cast, now, channel="phone")
    set_status(one, "closed", now)
    assert customer_writes(one, now).ticket.channel == "email"


def test_a_follow_up_can_stay_unacknowledged(cast: SimpleNamespace, now: datetime) -> None:
    one = ticket(cast, now)
    set_status(one, "closed", now)
    message = customer_writes(one, now, acknowledge=False)
    assert not message.ticket.messages.filter(kind="automatic").exists()


def test_on_a_merged_ticket_it_goes_to_where_the_matter_goes_on(
    cast: SimpleNamespace, now: datetime
) -> None:
    first, second, third = (ticket(cast, now) for _ in range(3))
    triage.merge(source=first, target=second, actor=cast.ana, now=now)
    triage.merge(source=second, target=third, actor=cast.ana, now=now)
    assert customer_writes(first, now + HOUR).ticket == third
    set_status(third, "closed", now + HOUR)
    follow_up = customer_writes(first, now + 2 * HOUR).ticket
    assert follow_up not in {first, second, third}


def test_another_person_may_write_on_the_ticket(cast: SimpleNamespace, now: datetime) -> None:
    one = ticket(cast, now)
    message = customer_writes(one, now, contact=cast.carl)
    one.refresh_from_db()
    assert message.contact == cast.carl
    assert one.requester == cast.carla


@pytest.mark.parametrize("body", ["", "\x00", "x" * 1_000_001])
def test_a_bad_body_changes_nothing(cast: SimpleNamespace, now: datetime, body: str) -> None:
    one = ticket(cast, now)
    set_status(one, "pending", now)
    with pytest.raises(Invalid):
        customer_writes(one, now, body)
    one.refresh_from_db()
    assert one.status == "pending"
    assert "customer_message" not in kinds(one)
