"""Who is told of what: in the transaction of the event, once, and never of their own deeds."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories import customer_writes, ticket
from tickets.models import Ticket
from tickets.people.models import User
from tickets.services import conversation, triage
from tickets.services.conversation import undelivered
from tickets.telling import services
from tickets.telling.models import Notification

Told = Callable[[User], list[str]]
MINUTE = timedelta(minutes=1)


def test_a_customers_answer_is_told_to_the_holder_and_to_followers(
    cast: SimpleNamespace, now: datetime, hers: Ticket, told: Told
) -> None:
    triage.follow(ticket=hers, user=cast.bo, actor=cast.ana, now=now)
    User.objects.filter(pk=cast.ben.pk).update(is_active=False)
    hers.followers.add(cast.ben)
    customer_writes(hers, now + MINUTE)
    assert (told(cast.ana), told(cast.bo)) == (["wrote"], ["wrote"])
    assert (told(cast.ben), told(cast.sue)) == ([], [])


def test_a_new_ticket_that_nobody_has_is_news_to_nobody_and_costs_no_query(
    cast: SimpleNamespace, now: datetime
) -> None:
    with CaptureQueriesContext(connection) as captured:
        ticket(cast, now)
    assert not Notification.objects.exists()
    assert not [each for each in captured.captured_queries if "telling_" in each["sql"]]


def test_a_ticket_that_is_opened_for_somebody_is_told_to_them(
    cast: SimpleNamespace, now: datetime, told: Told
) -> None:
    ticket(cast, now, assignee=cast.ben, actor=cast.ana)
    ticket(cast, now, assignee=cast.ana, actor=cast.ana)
    assert (told(cast.ben), told(cast.ana)) == (["assigned"], [])


def test_who_is_given_a_ticket_hears_of_it_and_who_takes_one_does_not(
    cast: SimpleNamespace, now: datetime, hers: Ticket, told: Told
) -> None:
    triage.assign(ticket=hers, assignee=cast.ben, actor=cast.sue, now=now)
    assert (told(cast.ben), told(cast.ana)) == (["assigned"], [])
    triage.assign(ticket=hers, assignee=cast.ana, actor=cast.ana, now=now)
    assert told(cast.ana) == []


def test_what_was_given_and_taken_back_before_it_was_read_is_told_to_nobody(
    cast: SimpleNamespace, now: datetime, hers: Ticket, told: Told
) -> None:
    triage.assign(ticket=hers, assignee=cast.ben, actor=cast.sue, now=now)
    triage.assign(ticket=hers, assignee=None, actor=cast.sue, now=now)
    assert told(cast.ben) == []


def test_a_note_is_told_to_the_holder_and_to_who_is_mentioned_as_that(
    cast: SimpleNamespace, now: datetime, hers: Ticket, told: Told
) -> None:
    conversation.note(ticket=hers, author=cast.ben, body="Look.", now=now, mentions=[cast.max])
    assert (told(cast.ana), told(cast.max), told(cast.ben)) == (["noted"], ["mentioned"], [])
    both = [cast.ana, cast.ben]
    conversation.note(ticket=hers, author=cast.ben, body="And?", now=now, mentions=both)
    assert (told(cast.ana), told(cast.ben)) == (["noted", "mentioned"], [])


def test_nobody_is_told_of_their_own_note(
    cast: SimpleNamespace, now: datetime, hers: Ticket, told: Told
) -> None:
    conversation.note(ticket=hers, author=cast.ana, body="Mine.", now=now, mentions=[cast.ana])
    assert told(cast.ana) == []


def test_what_did_not_arrive_is_told_to_who_wrote_it_and_to_who_has_the_ticket(
    cast: SimpleNamespace, now: datetime, hers: Ticket, told: Told
) -> None:
    message = conversation.reply(ticket=hers, author=cast.ben, body="Soon.", now=now)
    undelivered(message=message, at=now, now=now, why="550 no such user")
    assert (told(cast.ben), told(cast.ana)) == (["failed"], ["failed"])


def test_the_newest_of_its_kind_counts_and_is_news_again(
    cast: SimpleNamespace, now: datetime, hers: Ticket, told: Told
) -> None:
    customer_writes(hers, now + MINUTE)
    services.read_all(person=cast.ana, until=now + MINUTE, now=now + 2 * MINUTE)
    assert told(cast.ana) == []
    newest = customer_writes(hers, now + 3 * MINUTE, "And now?")
    customer = Notification.objects.get(person=cast.ana, kind="wrote")
    assert (customer.event.message, customer.read_at) == (newest, None)
    assert customer.at == now + 3 * MINUTE


def test_what_is_undone_was_never_told(
    cast: SimpleNamespace, now: datetime, hers: Ticket, told: Told
) -> None:
    with transaction.atomic():
        customer_writes(hers, now)
        transaction.set_rollback(True)
    assert told(cast.ana) == []


@pytest.mark.parametrize("followers", [3, 30])
def test_it_costs_two_queries_however_many_are_told(
    cast: SimpleNamespace, now: datetime, hers: Ticket, followers: int
) -> None:
    people = [User(username=f"f{n}", email=f"f{n}@company.example") for n in range(followers)]
    hers.followers.add(*User.objects.bulk_create(people))
    for _ in ("new rows", "their rows"):
        with CaptureQueriesContext(connection) as captured:
            customer_writes(hers, now + MINUTE)
        said = [each for each in captured.captured_queries if "telling_notification" in each["sql"]]
        assert len(said) == 2
    assert Notification.objects.filter(kind="wrote").count() == followers + 1
