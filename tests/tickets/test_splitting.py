"""One ticket becomes two."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from tests.factories import customer_writes, event, kinds, order, replied, ticket
from tickets.errors import Conflict, Invalid, Over
from tickets.models import Message, Ticket, TicketLink
from tickets.services import conversation, triage

HOUR = timedelta(hours=1)


@pytest.fixture
def one(cast: SimpleNamespace, now: datetime) -> Ticket:
    return ticket(cast, now, acknowledge=False, assignee=cast.ben, priority="high")


def split(one: Ticket, messages: list[Message], cast: SimpleNamespace, at: datetime) -> Ticket:
    return triage.split(ticket=one, messages=messages, subject="Apart", actor=cast.ana, now=at)


def test_the_new_ticket_has_its_messages_and_clocks_from_now(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    known = order(cast.carla, now)
    asked = customer_writes(one, now + HOUR, "Also: where is NL-1001?")
    other = split(one, [asked], cast, now + 2 * HOUR)
    asked.refresh_from_db()
    assert asked.ticket == other
    assert (other.subject, other.status, other.opened_at) == ("Apart", "new", now + 2 * HOUR)
    assert (other.requester, other.team, other.category) == (cast.carla, one.team, one.category)
    assert (other.assignee, other.priority) == (cast.ben, "high")
    assert list(other.orders.all()) == [known]
    opened = event(other, "opened")
    assert (opened.at, opened.message) == (now + 2 * HOUR, asked)
    assert event(other, "split_from").data == {"source": one.reference}
    assert event(one, "split_off").data == {"other": other.reference}
    link = TicketLink.objects.get()
    assert (link.ticket, link.other, link.kind) == (other, one, "split")
    assert not other.messages.filter(kind="automatic").exists()


def test_what_is_left_decides_who_had_the_last_word(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    answer = replied(one, cast.ana, now + HOUR)
    asked = customer_writes(one, now + 2 * HOUR)
    other = split(one, [asked], cast, now + 3 * HOUR)
    one.refresh_from_db()
    assert (one.last_message_at, one.last_message_by_customer) == (answer.at, False)
    assert (other.last_message_at, other.last_message_by_customer) == (asked.at, True)


def test_what_cannot_be_split_off_is_refused_and_nothing_moves(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    first = one.messages.get()
    second = customer_writes(one, now)
    held = conversation.reply(ticket=one, author=cast.ana, body="Wait.", now=now)
    note = conversation.note(ticket=one, author=cast.ana, body="Hm.", now=now)
    strange = ticket(cast, now).messages.first()
    assert strange is not None
    before = kinds(one)
    for chosen in ([], [note], [second, strange], [second, held], [first, second]):
        with pytest.raises(Invalid) as refusal:
            split(one, chosen, cast, now)
        assert refusal.value.field == "messages"
    with pytest.raises(Invalid) as refusal:
        triage.split(ticket=one, messages=[second], subject="", actor=None, now=now)
    assert refusal.value.field == "subject"
    assert kinds(one) == before
    assert Ticket.objects.count() == 2


def test_a_closed_or_changed_ticket_is_not_split(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    seen, second = one.version, customer_writes(one, now)
    with pytest.raises(Conflict):
        triage.split(
            ticket=one, messages=[second], subject="x", actor=None, now=now, expected_version=seen
        )
    triage.set_status(ticket=one, status="closed", actor=None, now=now)
    with pytest.raises(Over, match="closed"):
        split(one, [second], cast, now)


def test_a_reply_taken_back_is_nobodys_last_word(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    customer_writes(one, now + HOUR)
    asked = customer_writes(one, now + 2 * HOUR, "Also: where is NL-1001?")
    wrong = conversation.reply(ticket=one, author=cast.ana, body="Oh", now=now + 3 * HOUR)
    conversation.recall(message=wrong, actor=cast.ana, now=now + 3 * HOUR)
    split(one, [asked], cast, now + 4 * HOUR)
    one.refresh_from_db()
    assert (one.last_message_at, one.last_message_by_customer) == (now + HOUR, True)
