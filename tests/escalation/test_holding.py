"""The hold of a reply never makes a deadline late that the reply itself would keep (rule 6)."""

from collections.abc import Callable
from datetime import datetime

import pytest

from tests.escalation.conftest import HOUR, MINUTE, clock, policy
from tickets.models import Message, Ticket
from tickets.outbox import services as outbox
from tickets.services import conversation, triage

Open = Callable[..., Ticket]


@pytest.fixture
def solved_within_an_hour(desk, now: datetime) -> None:
    policy("Quick", now, {"metric": "resolution", "duration": HOUR})


def write(ticket: Ticket, author, at: datetime, status: str | None) -> Message:
    return conversation.reply(ticket=ticket, author=author, body="So.", now=at, status_after=status)


def leaves(message: Message) -> datetime:
    assert message.mail
    message.mail.refresh_from_db()
    return message.mail.release_at


def test_a_reply_that_solves_leaves_before_the_resolution_is_late(
    solved_within_an_hour, desk, opened: Open, now: datetime
) -> None:
    ticket = opened()
    written = write(ticket, desk.ana, now + 50 * MINUTE, "solved")
    assert leaves(written) == now + 58 * MINUTE
    outbox.deliver_due(now + 58 * MINUTE)
    assert clock(ticket, "resolution").state == "met"


def test_a_reply_that_solves_nothing_keeps_its_hold(
    solved_within_an_hour, desk, opened: Open, now: datetime
) -> None:
    written = write(opened(), desk.ana, now + 50 * MINUTE, "open")
    assert leaves(written) == now + 80 * MINUTE


def test_a_resolution_that_is_due_sooner_shortens_a_hold_under_way(
    desk, opened: Open, now: datetime
) -> None:
    policy(
        "Quick",
        now,
        {"metric": "resolution", "duration": 8 * HOUR},
        {"metric": "resolution", "duration": HOUR, "priority": "urgent"},
    )
    ticket = opened()
    written = write(ticket, desk.ana, now + 45 * MINUTE, "solved")
    assert leaves(written) == now + 75 * MINUTE
    triage.set_priority(ticket=ticket, priority="urgent", actor=desk.ana, now=now + 46 * MINUTE)
    assert leaves(written) == now + 58 * MINUTE
