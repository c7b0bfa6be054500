"""A progress line goes to the customer like a reply, and counts only once they have it."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core import mail as mailbox

from tests.factories import event, kinds, ticket
from tickets.errors import Conflict, Invalid, TooLate
from tickets.models import Message, Ticket
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.services import conversation, triage
from tickets.views.telling import sentence

MINUTE = timedelta(minutes=1)


@pytest.fixture
def one(cast: SimpleNamespace, now: datetime) -> Ticket:
    return ticket(cast, now, message_id="<first@acme.example>", acknowledge=False)


@pytest.fixture
def line(cast: SimpleNamespace, now: datetime, one: Ticket) -> Message:
    return conversation.progress(
        ticket=one, author=cast.ana, text="With engineering since 10:40.", now=now
    )


def test_a_progress_line_counts_from_when_its_mail_left(
    cast: SimpleNamespace, now: datetime, one: Ticket, line: Message
) -> None:
    assert line.mail is not None
    assert (line.mail.state, line.mail.release_at) == ("held", now + 30 * MINUTE)
    outbox.deliver_due(now + 29 * MINUTE)
    assert "progress" not in kinds(one)
    left = now + 31 * MINUTE
    outbox.deliver_due(left)
    told = event(one, "progress")
    assert (told.at, told.message, told.actor) == (left, line, cast.ana)
    (sent,) = mailbox.outbox
    assert sent.to == ["Carla Customer <carla@acme.example>"]
    assert "With engineering since 10:40." in sent.body
    assert sent.extra_headers["In-Reply-To"] == "<first@acme.example>"


def test_a_progress_line_answers_nobody(
    cast: SimpleNamespace, now: datetime, one: Ticket, line: Message
) -> None:
    outbox.deliver_due(now + 31 * MINUTE)
    one.refresh_from_db()
    assert one.last_message_by_customer
    assert one.status == "new"
    assert "reply_released" not in kinds(one)


def test_a_recalled_progress_line_was_never_told(
    cast: SimpleNamespace, now: datetime, one: Ticket, line: Message
) -> None:
    conversation.recall(message=line, actor=cast.ana, now=now + MINUTE)
    outbox.deliver_due(now + 31 * MINUTE)
    assert mailbox.outbox == []
    assert "progress" not in kinds(one)
    assert sentence(event(one, "reply_recalled"), "Ana") == "Ana recalled the progress line"
    assert not Message.objects.filter(ticket=one).public().filter(pk=line.pk).exists()


def test_a_held_progress_line_leaves_before_the_deadline_that_moved(
    now: datetime, one: Ticket, line: Message
) -> None:
    Ticket.objects.filter(pk=one.pk).update(answer_due_at=now + 10 * MINUTE)
    conversation.retime_holds(ticket=Ticket.objects.get(pk=one.pk), now=now)
    assert OutgoingMail.objects.get(pk=line.mail_id).release_at == now + 8 * MINUTE


def test_the_edited_line_is_what_leaves_and_it_stays_a_line(
    cast: SimpleNamespace, now: datetime, one: Ticket, line: Message
) -> None:
    with pytest.raises(Invalid, match="2,000 is the most"):
        conversation.edit_held(message=line, actor=cast.ben, body="x" * 2_001, now=now + MINUTE)
    with pytest.raises(Conflict, match="edited this progress line"):
        conversation.edit_held(
            message=line, actor=cast.ben, body="Late.", now=now + MINUTE, expected_version=7
        )
    conversation.edit_held(message=line, actor=cast.ben, body="In the lab.", now=now + MINUTE)
    assert sentence(event(one, "reply_edited"), "Ben") == "Ben edited the held progress line"
    outbox.deliver_due(now + 31 * MINUTE)
    assert "In the lab." in mailbox.outbox[0].body
    with pytest.raises(TooLate, match="This progress line has already left"):
        conversation.recall(message=line, actor=cast.ana, now=now + 32 * MINUTE)


def test_a_line_that_cannot_be_delivered_counts_for_nothing_and_its_author_is_told(
    cast: SimpleNamespace, now: datetime, one: Ticket, line: Message
) -> None:
    at = now + 30 * MINUTE
    outbox.release_due(now=at)
    (delivery,) = outbox.claim(now=at)
    outbox.settle_failed(delivery=delivery, now=at, error="550 no such user", permanent=True)
    assert event(one, "reply_failed").message == line
    assert "progress" not in kinds(one)
    assert sentence(event(one, "reply_failed"), "Ana") == "Progress line could not be delivered"
    (alert,) = OutgoingMail.objects.filter(purpose="alert")
    assert "The progress line of Ana" in alert.text


@pytest.mark.parametrize("email", [None, '"ab"@example.com'])
def test_no_line_is_written_to_who_has_no_address_for_it(
    cast: SimpleNamespace, now: datetime, one: Ticket, email: str | None
) -> None:
    type(cast.carla).objects.filter(pk=cast.carla.pk).update(email=email)
    one = Ticket.objects.get(pk=one.pk)
    before = kinds(one)
    with pytest.raises(Invalid, match="call them and log the call"):
        conversation.progress(ticket=one, author=cast.ana, text="In the lab.", now=now)
    assert kinds(one) == before
    assert not one.messages.filter(kind="progress").exists()


def test_on_a_solved_ticket_there_is_no_progress(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    triage.set_status(ticket=one, status="solved", actor=None, now=now)
    with pytest.raises(TooLate, match="solved"):
        conversation.progress(ticket=one, author=cast.ana, text="More.", now=now)


@pytest.mark.parametrize("status", ["solved", "closed"])
def test_a_line_that_still_waits_when_it_is_done_is_never_told(
    cast: SimpleNamespace, now: datetime, one: Ticket, line: Message, status: str
) -> None:
    conversation.reply(
        ticket=one, author=cast.ben, body="Done: it is fixed.", now=now + 2 * MINUTE,
        hold=timedelta(0), status_after=status,
    )  # fmt: skip
    outbox.deliver_due(now + 5 * MINUTE)
    assert event(one, "reply_recalled").message == line
    outbox.deliver_due(now + 31 * MINUTE)
    assert [mail.body.splitlines()[0] for mail in mailbox.outbox] == ["Done: it is fixed."]
    assert "progress" not in kinds(one)


def test_a_line_goes_out_while_others_still_have_to_do_something(
    cast: SimpleNamespace, now: datetime, one: Ticket, line: Message
) -> None:
    triage.set_status(ticket=one, status="on_hold", actor=cast.ana, now=now + MINUTE)
    outbox.deliver_due(now + 31 * MINUTE)
    assert event(one, "progress").message == line
