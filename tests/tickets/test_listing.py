"""What lists say of words that wait to leave: true after whatever holds them, moves or frees them."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from tests.factories import ticket
from tickets.models import Message, Ticket
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.services import conversation, triage

MINUTE = timedelta(minutes=1)
HALF_AN_HOUR = timedelta(minutes=30)
NOTHING = ("", None)


@pytest.fixture
def one(cast: SimpleNamespace, now: datetime) -> Ticket:
    return ticket(cast, now, acknowledge=False)


def waits(one: Ticket) -> tuple[str, datetime | None]:
    row = Ticket.objects.get(pk=one.pk)
    assert (one.waiting_kind, one.waiting_until) == (row.waiting_kind, row.waiting_until)
    return row.waiting_kind, row.waiting_until


def reply(one: Ticket, cast: SimpleNamespace, now: datetime, **said: timedelta) -> Message:
    return conversation.reply(ticket=one, author=cast.ana, body="Soon.", now=now, **said)


def line(one: Ticket, cast: SimpleNamespace, now: datetime) -> Message:
    return conversation.progress(ticket=one, author=cast.ana, text="At it.", now=now)


def test_a_reply_that_is_held_is_said_with_its_time(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    assert waits(one) == NOTHING
    reply(one, cast, now)
    assert waits(one) == ("reply", now + HALF_AN_HOUR)


def test_a_progress_line_is_said_where_no_reply_waits(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    line(one, cast, now)
    assert waits(one) == ("progress", now + HALF_AN_HOUR)
    reply(one, cast, now + 5 * MINUTE)
    assert waits(one) == ("reply", now + 35 * MINUTE)


def test_of_two_replies_the_one_that_leaves_first(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    first = reply(one, cast, now)
    reply(one, cast, now + MINUTE, hold=2 * MINUTE)
    assert waits(one) == ("reply", now + 3 * MINUTE)
    outbox.deliver_due(now + 4 * MINUTE)
    one.refresh_from_db()
    assert waits(one) == ("reply", now + HALF_AN_HOUR)
    conversation.recall(message=first, actor=cast.ana, now=now + 5 * MINUTE)
    one.refresh_from_db()
    assert waits(one) == NOTHING


def test_edited_it_is_said_as_before_and_sent_it_is_said_no_more(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    message = reply(one, cast, now)
    conversation.edit_held(message=message, actor=cast.ana, body="Better.", now=now + MINUTE)
    one.refresh_from_db()
    assert waits(one) == ("reply", now + HALF_AN_HOUR)
    outbox.release_due(now=now + HALF_AN_HOUR)
    assert waits(one) == ("reply", now + HALF_AN_HOUR)  # on its way
    outbox.deliver_due(now + HALF_AN_HOUR)
    one.refresh_from_db()
    assert waits(one) == NOTHING


def test_sent_now_it_is_on_its_way_until_it_has_left(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    message = reply(one, cast, now)
    conversation.send_now(message=message, actor=cast.ana, now=now + MINUTE)
    one.refresh_from_db()
    assert waits(one) == ("reply", now + MINUTE)
    outbox.deliver_due(now + 2 * MINUTE)
    one.refresh_from_db()
    assert waits(one) == NOTHING


def test_what_nobody_can_be_told_does_not_wait_any_more(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    message = reply(one, cast, now)
    assert message.mail is not None
    outbox.release_due(now=now + HALF_AN_HOUR)
    (delivery,) = outbox.claim(now=now + HALF_AN_HOUR)
    at = now + HALF_AN_HOUR
    outbox.settle_failed(delivery=delivery, now=at, error="No such user", permanent=True)
    assert OutgoingMail.objects.get(pk=message.mail.pk).state == "dead"
    one.refresh_from_db()
    assert waits(one) == NOTHING


def test_a_nearer_deadline_moves_what_is_said(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    reply(one, cast, now)
    one.answer_due_at = now + 12 * MINUTE
    one.save(update_fields=["answer_due_at"])
    conversation.retime_holds(ticket=one, now=now + MINUTE)
    assert waits(one) == ("reply", now + 10 * MINUTE)


@pytest.mark.parametrize("status", ["solved", "closed"])
def test_solved_or_closed_its_progress_line_does_not_wait_but_its_reply_does(
    cast: SimpleNamespace, now: datetime, one: Ticket, status: str
) -> None:
    triage.set_status(ticket=one, status="open", actor=cast.ana, now=now)
    triage.set_status(ticket=one, status="solved", actor=cast.ana, now=now)
    triage.set_status(ticket=one, status="open", actor=cast.ana, now=now)
    line(one, cast, now)
    triage.set_status(ticket=one, status="solved", actor=cast.ana, now=now + MINUTE)
    assert waits(one) == NOTHING
    reply(one, cast, now + 2 * MINUTE)
    if status == "closed":
        triage.set_status(ticket=one, status="closed", actor=cast.ana, now=now + 3 * MINUTE)
    assert waits(one) == ("reply", now + 32 * MINUTE)


def test_a_merge_takes_it_along(cast: SimpleNamespace, now: datetime, one: Ticket) -> None:
    reply(one, cast, now)
    target = ticket(cast, now, acknowledge=False)
    triage.merge(source=one, target=target, actor=cast.ana, now=now + MINUTE)
    assert waits(one) == NOTHING
    assert waits(target) == ("reply", now + HALF_AN_HOUR)


def test_writing_counts_no_version_twice(cast: SimpleNamespace, now: datetime, one: Ticket) -> None:
    """Who only reads lists has changed nothing."""
    before = one.version
    line(one, cast, now)
    assert Ticket.objects.get(pk=one.pk).version == before
