"""What many tickets at once are news of: as of one each, in a handful of queries."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories import ticket
from tickets.errors import Invalid
from tickets.models import BulkDeed, Ticket
from tickets.people.models import User
from tickets.services import bulk, conversation, triage
from tickets.telling import services
from tickets.telling.models import Notification
from tickets.together import later, together

Told = Callable[[User], list[str]]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def fifty(cast: SimpleNamespace, now: datetime) -> list[Ticket]:
    given = {"acknowledge": False, "assignee": cast.ana, "actor": cast.ana}
    return [ticket(cast, now, **given) for _ in range(50)]


def give(tickets: list[Ticket], to: User | None, by: User, now: datetime) -> BulkDeed:
    references: dict[str, int | None] = {each.reference: None for each in tickets}
    return bulk.carry_out(
        references=references, wanted={"assignee": to}, actor=by, now=now, key=uuid4()
    )


def test_fifty_are_given_by_ten_queries_for_who_is_told(
    cast: SimpleNamespace, now: datetime, fifty: list[Ticket], told: Told
) -> None:
    for to in (cast.ben, cast.sue, cast.ben):
        with CaptureQueriesContext(connection) as captured:
            give(fifty, to, cast.ada, now)
        said = [each for each in captured.captured_queries if "telling_notification" in each["sql"]]
        assert 0 < len(said) <= 2 * 5
        assert told(to) == ["assigned"] * 50
    assert told(cast.sue) == []
    assert told(cast.ada) == []


def test_of_many_each_is_told_of_their_own_event_and_when_it_is_mailed(
    cast: SimpleNamespace, now: datetime, fifty: list[Ticket]
) -> None:
    some = fifty[:3]
    triage.assign(ticket=some[0], assignee=cast.ben, actor=cast.ada, now=now - MINUTE)
    triage.assign(ticket=some[0], assignee=cast.ana, actor=cast.ana, now=now)
    services.read_all(person=cast.ben, until=now, now=now)
    give(some, cast.ben, cast.ada, now)
    rows = Notification.objects.filter(person=cast.ben).select_related("event")
    assert {row.ticket_id: row.event.ticket_id for row in rows} == {e.pk: e.pk for e in some}
    after = services.mailed_after()
    assert {(row.at, row.read_at, row.mail_at) for row in rows} == {(now, None, now + after)}


def test_a_mail_that_is_on_its_way_keeps_its_time(
    cast: SimpleNamespace, now: datetime, fifty: list[Ticket]
) -> None:
    def noted(at: datetime) -> None:
        with transaction.atomic(), together():
            for each in fifty[:2]:
                conversation.note(ticket=each, author=cast.ben, body="Look.", now=at)

    noted(now)
    Notification.objects.update(mail_at=now + 2 * MINUTE)
    noted(now + MINUTE)
    rows = Notification.objects.filter(person=cast.ana, kind="noted")
    assert {(row.at, row.mail_at) for row in rows} == {(now + MINUTE, now + 2 * MINUTE)}


def test_what_was_given_and_taken_again_within_one_block_is_told_to_who_has_it_at_last(
    cast: SimpleNamespace, now: datetime, fifty: list[Ticket], told: Told
) -> None:
    one = fifty[0]
    with transaction.atomic(), together():
        triage.assign(ticket=one, assignee=cast.ben, actor=cast.ada, now=now)
        triage.assign(ticket=one, assignee=cast.sue, actor=cast.ada, now=now)
        conversation.note(ticket=one, author=cast.ada, body="So.", now=now, mentions=[cast.max])
    assert [told(each) for each in (cast.ben, cast.sue, cast.max)] == [
        [], ["assigned", "noted"], ["mentioned"]
    ]  # fmt: skip


def test_what_a_savepoint_undid_is_told_to_nobody_whoever_swallowed_why(
    cast: SimpleNamespace, now: datetime, fifty: list[Ticket], told: Told
) -> None:
    kept, *undone = fifty[:3]
    with transaction.atomic(), together():
        for each in undone:
            with suppress(Invalid), transaction.atomic():
                triage.assign(ticket=each, assignee=cast.ben, actor=cast.ada, now=now)
                raise Invalid("Not this one.")
        triage.assign(ticket=kept, assignee=cast.sue, actor=cast.ada, now=now)
    assert (told(cast.ben), told(cast.sue)) == ([], ["assigned"])


def test_the_only_news_of_a_block_is_told_to_nobody_where_a_savepoint_undid_it(
    cast: SimpleNamespace, now: datetime, fifty: list[Ticket], told: Told
) -> None:
    one = fifty[0]
    triage.assign(ticket=one, assignee=cast.sue, actor=cast.ada, now=now)
    with transaction.atomic(), together(), suppress(Invalid), transaction.atomic():
        triage.assign(ticket=one, assignee=cast.ben, actor=cast.ada, now=now)
        raise Invalid("Not this one.")
    assert (told(cast.ben), told(cast.sue)) == ([], ["assigned"])


def test_a_block_that_fails_forgets_what_it_had_and_the_others_do_not() -> None:
    heard: list[list[str]] = []
    later(heard.append, "at once")
    with together():
        later(heard.append, "first")
        with suppress(Invalid), together():
            later(heard.append, "undone")
            raise Invalid("no")
        with together():
            later(heard.append, "last")
        assert heard == [["at once"]]
    assert heard == [["at once"], ["first", "last"]]
    with suppress(Invalid), together():
        later(heard.append, "never")
        raise Invalid("no")
    later(heard.append, "again at once")
    assert heard[2:] == [["again at once"]]
