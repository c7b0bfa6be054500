"""A reply while it waits."""

from datetime import datetime, timedelta
from functools import partial
from types import SimpleNamespace

import pytest
from django.core import mail as mailbox

from tests.factories import customer_writes, event, kinds, ticket
from tickets.errors import Conflict, Invalid, TooLate
from tickets.models import Message, Ticket
from tickets.outbox import services as outbox
from tickets.services import conversation, triage

MINUTE = timedelta(minutes=1)


@pytest.fixture
def one(cast: SimpleNamespace, now: datetime) -> Ticket:
    return ticket(cast, now, acknowledge=False)


@pytest.fixture
def held(cast: SimpleNamespace, now: datetime, one: Ticket) -> Message:
    return conversation.reply(ticket=one, author=cast.ana, body="First words.", now=now)


def release_at(message: Message) -> datetime:
    return Message.objects.values_list("mail__release_at", flat=True).get(pk=message.pk)  # type: ignore[return-value]


def test_the_edited_words_are_those_that_leave(
    cast: SimpleNamespace, now: datetime, one: Ticket, held: Message
) -> None:
    before = release_at(held)
    conversation.edit_held(message=held, actor=cast.ben, body="Better words.", now=now + MINUTE)
    assert release_at(held) == before
    outbox.deliver_due(now + 30 * MINUTE)
    assert "Better words." in mailbox.outbox[0].body
    assert "First words." not in mailbox.outbox[0].body
    assert cast.ana.name in mailbox.outbox[0].body
    assert one.messages.get(kind="reply").body == "Better words."
    assert event(one, "reply_edited").actor == cast.ben


def test_of_two_who_edit_the_same_reply_the_second_overwrites_nobody(
    cast: SimpleNamespace, now: datetime, one: Ticket, held: Message
) -> None:
    seen = held.version
    edit = partial(conversation.edit_held, message=held, now=now + MINUTE, expected_version=seen)
    edit(actor=cast.ben, body="Ben's words.")
    before = kinds(one)
    with pytest.raises(Conflict, match="Ben edited this reply after you opened it"):
        edit(actor=cast.ana, body="Ana's words.")
    held.refresh_from_db()
    assert (held.body, held.version, kinds(one)) == ("Ben's words.", seen + 1, before)
    outbox.deliver_due(now + 30 * MINUTE)
    assert "Ben's words." in mailbox.outbox[0].body
    with pytest.raises(TooLate):
        edit(actor=cast.ana, body="Ana's words.")


def test_a_bad_edit_leaves_the_reply_as_it_was(
    cast: SimpleNamespace, now: datetime, held: Message
) -> None:
    with pytest.raises(Invalid):
        conversation.edit_held(message=held, actor=cast.ana, body="\x00", now=now)
    held.refresh_from_db()
    assert held.body == "First words."


def test_a_recalled_reply_is_never_sent(
    cast: SimpleNamespace, now: datetime, one: Ticket, held: Message
) -> None:
    conversation.recall(message=held, actor=cast.ana, now=now + MINUTE)
    outbox.deliver_due(now + 90 * MINUTE)
    assert mailbox.outbox == []
    assert event(one, "reply_recalled").message == held
    assert "reply_released" not in kinds(one)


def test_sent_now_it_leaves_with_the_next_delivery_and_no_deadline_holds_it_again(
    cast: SimpleNamespace, now: datetime, one: Ticket, held: Message
) -> None:
    conversation.send_now(message=held, actor=cast.ana, now=now + MINUTE)
    one.refresh_from_db()
    conversation.retime_holds(ticket=one, now=now + MINUTE)
    outbox.deliver_due(now + MINUTE)
    assert len(mailbox.outbox) == 1


@pytest.mark.parametrize("deed", ["recall", "edit", "send"])
@pytest.mark.parametrize(
    ("fate", "said"), [("left", "already left"), ("recalled", "recalled this reply")]
)
def test_what_is_no_longer_held_is_past_changing(
    cast: SimpleNamespace,
    now: datetime,
    one: Ticket,
    held: Message,
    fate: str,
    said: str,
    deed: str,
) -> None:
    if fate == "left":
        outbox.deliver_due(now + 30 * MINUTE)
    else:
        conversation.recall(message=held, actor=cast.ana, now=now)
    before, later = kinds(one), now + 31 * MINUTE
    deeds = {
        "recall": conversation.recall,
        "edit": partial(conversation.edit_held, body="x"),
        "send": conversation.send_now,
    }
    with pytest.raises(TooLate, match=said):
        deeds[deed](message=held, actor=cast.ana, now=later)
    assert kinds(one) == before


def test_what_was_never_held_cannot_be_recalled(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    note = conversation.note(ticket=one, author=cast.ana, body="Between us.", now=now)
    acknowledged = ticket(cast, now).messages.get(kind="automatic")
    for message in (note, acknowledged):
        with pytest.raises(TooLate):
            conversation.recall(message=message, actor=cast.ana, now=now)


def test_a_moved_deadline_moves_the_release_to_and_fro(
    cast: SimpleNamespace, now: datetime, one: Ticket, held: Message
) -> None:
    for due_in, leaves_in in ((10, 8), (200, 30), (None, 30), (2, 1)):
        one.answer_due_at = now + due_in * MINUTE if due_in else None
        conversation.retime_holds(ticket=one, now=now)
        assert release_at(held) == now + leaves_in * MINUTE


def test_a_chosen_hold_is_remembered(cast: SimpleNamespace, now: datetime, one: Ticket) -> None:
    Ticket.objects.filter(pk=one.pk).update(answer_due_at=None)
    message = conversation.reply(
        ticket=one, author=cast.ana, body="Slow.", now=now, hold=timedelta(hours=2)
    )
    one.answer_due_at = now + 10 * MINUTE
    conversation.retime_holds(ticket=one, now=now)
    one.answer_due_at = None
    conversation.retime_holds(ticket=one, now=now)
    assert release_at(message) == now + timedelta(hours=2)


def test_a_held_reply_follows_its_ticket_through_a_merge(
    cast: SimpleNamespace, now: datetime, one: Ticket, held: Message
) -> None:
    target = ticket(cast, now)
    triage.merge(source=one, target=target, actor=cast.ana, now=now + MINUTE)
    outbox.deliver_due(now + 30 * MINUTE)
    assert event(target, "reply_released").message == held
    assert "reply_released" not in kinds(one)


def test_a_customer_message_does_not_disturb_the_hold(
    cast: SimpleNamespace, now: datetime, one: Ticket, held: Message
) -> None:
    before = release_at(held)
    customer_writes(one, now + MINUTE)
    assert release_at(held) <= before
