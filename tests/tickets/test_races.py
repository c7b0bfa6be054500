"""Two people, or two processes, at the same moment: one winner, a clear word for the rest."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail as mailbox

from tests.factories import at_once, customer_writes, kinds, ticket
from tickets.errors import Conflict, Invalid, ServiceRefused, TooLate
from tickets.models import Message, Tag, Ticket
from tickets.outbox import services as outbox
from tickets.people.models import Contact
from tickets.people.services import contact_for
from tickets.services import conversation, opening, triage

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]
MINUTE = timedelta(minutes=1)


def again(one: Ticket) -> Ticket:
    return Ticket.objects.get(pk=one.pk)


def test_of_many_who_save_the_same_version_one_wins(cast: SimpleNamespace, now: datetime) -> None:
    one = ticket(cast, now)
    seen = again(one).version

    def save(number: int) -> Any:
        return lambda: triage.set_subject(
            ticket=again(one), subject=f"Version {number}", actor=cast.ana, now=now,
            expected_version=seen,
        )  # fmt: skip

    outcomes = at_once(*(save(number) for number in range(8)))
    assert sum(isinstance(each, Ticket) for each in outcomes) == 1
    assert sum(isinstance(each, Conflict) for each in outcomes) == 7
    assert kinds(one).count("subject_changed") == 1


def test_changes_without_a_version_all_count(cast: SimpleNamespace, now: datetime) -> None:
    one = ticket(cast, now)
    before = again(one).version
    at_once(
        *(
            lambda name=name: triage.add_tags(ticket=again(one), tags=[name], actor=None, now=now)
            for name in "abcdef"
        )
    )
    assert again(one).version == before + 6
    assert one.tags.count() == 6


def test_a_reply_is_recalled_or_released_never_both(cast: SimpleNamespace, now: datetime) -> None:
    due = now + 30 * MINUTE
    for _ in range(6):
        one = ticket(cast, now, acknowledge=False)
        held = conversation.reply(ticket=one, author=cast.ana, body="Wait.", now=now)
        mailbox.outbox.clear()
        fresh = Message.objects.select_related("mail", "ticket").get(pk=held.pk)
        taken, _ = at_once(
            lambda fresh=fresh: conversation.recall(message=fresh, actor=cast.ana, now=due),
            lambda: outbox.deliver_due(due),
        )
        outbox.deliver_due(due + MINUTE)
        recalled = isinstance(taken, Message)
        assert recalled or isinstance(taken, TooLate)
        assert len(mailbox.outbox) == (0 if recalled else 1)
        assert ("reply_recalled" in kinds(one)) == recalled
        assert ("reply_released" in kinds(one)) != recalled


def test_fifty_hands_on_one_held_reply(cast: SimpleNamespace, now: datetime) -> None:
    one = ticket(cast, now, acknowledge=False)
    held = conversation.reply(ticket=one, author=cast.ana, body="Wait.", now=now)

    def take() -> Message:
        message = Message.objects.select_related("mail", "ticket").get(pk=held.pk)
        return conversation.recall(message=message, actor=cast.ben, now=now)

    outcomes = at_once(*[take] * 50)
    assert sum(isinstance(each, Message) for each in outcomes) == 1
    assert sum(isinstance(each, TooLate) for each in outcomes) == 49
    assert kinds(one).count("reply_recalled") == 1


def test_crossed_merges_end_with_one_of_them(cast: SimpleNamespace, now: datetime) -> None:
    for _ in range(4):
        one, other = ticket(cast, now), ticket(cast, now)
        outcomes = at_once(
            lambda a=one, b=other: triage.merge(
                source=again(a), target=again(b), actor=None, now=now
            ),
            lambda a=one, b=other: triage.merge(
                source=again(b), target=again(a), actor=None, now=now
            ),
        )
        assert sorted(isinstance(each, Invalid) for each in outcomes) == [False, True]
        merged = [each for each in (again(one), again(other)) if each.merged_into_id]
        assert len(merged) == 1


def test_a_message_and_a_merge_lose_nothing(cast: SimpleNamespace, now: datetime) -> None:
    for _ in range(4):
        source, target = ticket(cast, now), ticket(cast, now)
        outcomes = at_once(
            lambda a=source, b=target: triage.merge(
                source=again(a), target=again(b), actor=None, now=now
            ),
            lambda a=source: customer_writes(again(a), now, "At the same time."),
        )
        assert not [each for each in outcomes if isinstance(each, Exception)]
        assert target.messages.filter(body="At the same time.").count() == 1
        assert not source.messages.exists()


def test_a_released_reply_and_a_merge_meet(cast: SimpleNamespace, now: datetime) -> None:
    due = now + 30 * MINUTE
    for _ in range(4):
        source, target = ticket(cast, now), ticket(cast, now)
        conversation.reply(ticket=source, author=cast.ana, body="Wait.", now=now)
        at_once(
            lambda a=source, b=target: triage.merge(
                source=again(a), target=again(b), actor=None, now=due
            ),
            lambda: outbox.deliver_due(due),
        )
        outbox.deliver_due(due + 10 * MINUTE)
        told = [*kinds(source), *kinds(target)]
        assert told.count("reply_released") == 1


def test_one_new_customer_and_one_new_tag_are_made_once(
    cast: SimpleNamespace, now: datetime
) -> None:
    def write() -> Ticket:
        contact = contact_for(email="new@home.example", name="New", now=now)
        return opening.open_ticket(
            subject="Hi", body="Hi", requester=contact, channel="email", now=now, tags=["fresh"]
        )

    outcomes = at_once(*[write] * 10)
    assert not [each for each in outcomes if isinstance(each, Exception)]
    assert Ticket.objects.count() == 10
    assert Contact.objects.filter(email="new@home.example").count() == 1
    assert Tag.objects.count() == 1


def test_follow_ups_and_follows_do_not_deadlock(cast: SimpleNamespace, now: datetime) -> None:
    one, other = ticket(cast, now), ticket(cast, now)
    outcomes = at_once(
        *[lambda: triage.link(ticket=again(one), other=again(other), actor=None, now=now)] * 4,
        *[lambda: triage.link(ticket=again(other), other=again(one), actor=None, now=now)] * 4,
        *[lambda: triage.follow(ticket=again(one), user=cast.bo, actor=None, now=now)] * 4,
        *[lambda: customer_writes(again(other), now)] * 4,
    )
    assert not [each for each in outcomes if isinstance(each, Exception)]
    assert kinds(one).count("linked") == kinds(other).count("linked") == 1
    assert kinds(one).count("followers_changed") == 1
    assert other.messages.filter(kind="customer").count() == 5


def test_solving_and_a_customer_who_writes_end_in_an_open_ticket_or_a_solved_one(
    cast: SimpleNamespace, now: datetime
) -> None:
    for _ in range(4):
        one = ticket(cast, now)
        outcomes = at_once(
            lambda one=one: triage.set_status(
                ticket=again(one), status="solved", actor=cast.ana, now=now
            ),
            lambda one=one: customer_writes(again(one), now),
        )
        assert not [each for each in outcomes if isinstance(each, ServiceRefused)]
        last = one.events.filter(kind="status_changed").order_by("pk").last()
        assert again(one).status == last.data["to"]
