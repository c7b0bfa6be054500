"""Putting aside at the desk: chosen with the status, seen on the row and the ticket, warned about."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from tests.desk.conftest import Opener, due
from tests.desk.test_queue import subjects
from tests.desk.test_sorting import post, properties
from tickets.forms.aside import usual
from tickets.models import BulkDeed, Message, Ticket
from tickets.people.models import User
from tickets.services import changes
from tickets.words import day_and_time, exactly

Desk = Callable[[User], Client]
DAY = timedelta(days=1)


@pytest.fixture
def aside(cast: SimpleNamespace, opened: Opener) -> Opener:
    """Pending for five days and half an hour, unless it is said otherwise."""

    def make(until: timedelta | None = 5 * DAY + DAY / 48, **fields: Any) -> Ticket:
        now = timezone.now()
        wanted = {"status": "pending", "comes_back_at": now + until if until else None}
        return changes.apply(ticket=opened(**fields), changes=wanted, actor=cast.ana, now=now)

    return make


def page(client: Client, ticket: Ticket) -> str:
    return client.get(f"/tickets/{ticket.reference}/").content.decode()


@pytest.mark.parametrize(
    ("chosen", "meant"),
    [
        ("tomorrow", date(2026, 3, 4)),
        ("days", date(2026, 3, 6)),
        ("monday", date(2026, 3, 9)),
        ("week", date(2026, 3, 10)),
        ("month", date(2026, 4, 2)),
    ],
)
def test_the_usual_times_are_mornings_of_the_reader(
    now: datetime, chosen: str, meant: date
) -> None:
    with timezone.override("America/New_York"):
        local = timezone.localtime(usual(chosen, now))
    assert (local.date(), local.time()) == (meant, time(9))


def test_a_reply_that_leaves_later_offers_no_end_of_the_return_that_it_could_not_keep(
    cast: SimpleNamespace, desk: Desk, aside: Opener
) -> None:
    ticket, client = aside(), desk(cast.ana)
    told = page(client, ticket)
    assert told.count('value="never"') == 1  # among the properties
    refused = post(
        client, ticket, "reply", body="Take your time.", status_after="on_hold", comes_back="never"
    )
    assert refused.status_code == 422
    assert not Message.objects.filter(kind="reply").exists()


def test_next_monday_is_never_today(now: datetime) -> None:
    with timezone.override("America/New_York"):
        monday = usual("monday", now)
        assert usual("monday", monday) - monday == 7 * DAY


@pytest.mark.parametrize(
    ("local", "said"),
    [
        (datetime(2026, 3, 3, 16, tzinfo=UTC), "16:00"),
        (datetime(2026, 3, 4, 9, tzinfo=UTC), "Wed 09:00"),
        (datetime(2026, 3, 9, 9, tzinfo=UTC), "Mon 09:00"),
        (datetime(2026, 3, 10, 9, tzinfo=UTC), "10 Mar 09:00"),
        (datetime(2026, 3, 2, 9, tzinfo=UTC), "2 Mar 09:00"),
        (datetime(2027, 3, 1, 9, tzinfo=UTC), "1 Mar 2027"),
    ],
)
def test_a_moment_is_as_short_as_it_can_be_told_from_others(local: datetime, said: str) -> None:
    assert day_and_time(local, date(2026, 3, 3)) == said


def test_the_properties_put_aside_in_the_zone_of_whoever_does_it(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    cast.ana.time_zone = "Asia/Tokyo"
    cast.ana.save()
    ticket, client = opened(), desk(cast.ana)
    day = (timezone.now() + 9 * DAY).date()
    said = properties(ticket, status="pending", comes_back="at", comes_back_at=f"{day}T09:00")
    assert post(client, ticket, "properties", **said).status_code == 302
    ticket.refresh_from_db()
    assert ticket.status == "pending"
    assert ticket.comes_back_at == datetime.combine(day, time(0), UTC)
    told = page(client, ticket)
    assert f"Ana put the ticket aside: until {day:%a} {day.day} {day:%b %Y}, 09:00 JST" in told


def test_a_usual_time_can_be_chosen_and_taken_away_again(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    said = properties(ticket, status="on_hold", comes_back="tomorrow")
    post(client, ticket, "properties", **said)
    ticket.refresh_from_db()
    assert ticket.comes_back_at is not None
    assert ticket.comes_back_at.hour == 9
    post(client, ticket, "properties", **properties(ticket, comes_back="never"))
    ticket.refresh_from_db()
    assert (ticket.status, ticket.comes_back_at) == ("on_hold", None)
    assert "Ana took away when the ticket comes back by itself" in page(client, ticket)


def test_saving_something_else_leaves_the_date(
    cast: SimpleNamespace, desk: Desk, aside: Opener
) -> None:
    ticket = aside()
    until = ticket.comes_back_at
    post(desk(cast.ana), ticket, "properties", **properties(ticket, priority="high", comes_back=""))
    ticket.refresh_from_db()
    assert (ticket.priority, ticket.comes_back_at) == ("high", until)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"comes_back": "at"}, "Say when it comes back."),
        ({"comes_back": "at", "comes_back_at": "2020-01-01T09:00"}, "within the coming year"),
        ({"comes_back": "at", "comes_back_at": "soon"}, "Enter a valid date/time."),
        ({"comes_back": "at", "comes_back_at": "٢٠٢٦-01-01T09:00"}, "only looks like a digit"),
        ({"comes_back": "some day"}, "«some day» is no time to come back at."),
    ],
)
def test_what_is_no_time_is_said_at_its_field(
    cast: SimpleNamespace, desk: Desk, opened: Opener, said: dict[str, str], why: str
) -> None:
    ticket = opened()
    answer = post(
        desk(cast.ana), ticket, "properties", **properties(ticket, status="pending", **said)
    )
    assert answer.status_code == 422
    assert why in answer.content.decode()
    ticket.refresh_from_db()
    assert ticket.status == "new"


def test_a_time_that_is_out_of_sight_is_not_meant(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    said = properties(ticket, status="open", comes_back="at", comes_back_at="soon")
    assert post(desk(cast.ana), ticket, "properties", **said).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.status, ticket.comes_back_at) == ("open", None)


def test_a_reply_says_until_when_while_it_is_held(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    said = {
        "body": "We look into it.", "version": ticket.version, "status_after": "pending",
        "comes_back": "week",
    }  # fmt: skip
    assert post(client, ticket, "reply", **said).status_code == 302
    message = Message.objects.get(ticket=ticket, kind="reply")
    assert message.comes_back_at is not None
    day = message.comes_back_at
    assert f"then the ticket is pending until {day:%a} {day.day} {day:%b %Y}, 09:00" in page(
        client, ticket
    )
    ticket.refresh_from_db()
    assert ticket.comes_back_at is None


def test_a_reply_that_leaves_it_open_takes_no_date_along(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    said = {"body": "Done.", "version": ticket.version, "comes_back": "week"}
    assert post(desk(cast.ana), ticket, "reply", **said).status_code == 302
    assert Message.objects.get(ticket=ticket, kind="reply").comes_back_at is None


def test_a_refused_reply_keeps_what_was_chosen(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    said = {
        "body": "", "version": ticket.version, "status_after": "pending", "comes_back": "at",
        "comes_back_at": "2030-01-02T10:30",
    }  # fmt: skip
    answer = post(desk(cast.ana), ticket, "reply", **said).content.decode()
    assert '<option value="at" selected>' in answer
    assert 'value="2030-01-02T10:30"' in answer


def test_the_view_shows_what_comes_back_first_and_nothing_without_a_date(
    cast: SimpleNamespace, desk: Desk, opened: Opener, aside: Opener
) -> None:
    opened(subject="Open")
    aside(None, subject="Some day")
    aside(9 * DAY, subject="Later")
    aside(2 * DAY, subject="Sooner")
    client = desk(cast.ana)
    assert subjects(client, "?tab=aside") == ["Sooner", "Later"]
    assert subjects(client, "?tab=waiting&aside=open") == ["Some day"]
    assert subjects(client, "?tab=waiting&aside=until") == ["Later", "Sooner"]
    assert subjects(client, "?tab=next&aside=open") == ["Some day"]
    assert "Comes back" in client.get("/?tab=aside").content.decode()


def test_what_waits_without_a_date_begins_with_the_longest_quiet(
    cast: SimpleNamespace, desk: Desk, aside: Opener
) -> None:
    tickets = [aside(None, subject=name) for name in ("One", "Two")]
    old = timezone.now() - 3 * DAY
    Ticket.objects.filter(pk=tickets[1].pk).update(updated_at=old)
    assert subjects(desk(cast.ana), "?tab=waiting&aside=open") == ["Two", "One"]


def test_the_row_says_when_it_is_back(cast: SimpleNamespace, desk: Desk, aside: Opener) -> None:
    ticket = aside()
    due(ticket, None)
    Ticket.objects.filter(pk=ticket.pk).update(is_paused=True)
    row = desk(cast.ana).get("/").context["rows"][0].cells
    at = ticket.comes_back_at
    assert at is not None
    assert f">{at:%a %H:%M}</time>" in row
    assert "back <time" in row
    assert "paused" not in row.replace('class="clock paused"', "")


def test_a_row_with_a_running_deadline_says_both(
    cast: SimpleNamespace, desk: Desk, aside: Opener
) -> None:
    due(aside(), timezone.now() + timedelta(minutes=90), "update")
    row = desk(cast.ana).get("/").context["rows"][0].cells
    assert row.index("update due in") < row.index("back <time")


def test_a_promise_that_ends_before_it_comes_back_is_warned_of(
    cast: SimpleNamespace, desk: Desk, aside: Opener
) -> None:
    ticket, client = aside(), desk(cast.ana)
    due(ticket, timezone.now() + 6 * DAY, "update")
    assert "before this ticket comes back" not in page(client, ticket)
    due(ticket, timezone.now() + DAY, "update")
    told = page(client, ticket)
    assert "The update is promised by" in told
    assert "before this ticket comes back on" in told


@pytest.mark.parametrize("query", ["?tab=aside", "?tab=waiting&aside=open"])
def test_the_view_makes_as_many_queries_for_many_rows(
    cast: SimpleNamespace, desk: Desk, aside: Opener, query: str, django_assert_max_num_queries: Any
) -> None:
    until = None if "open" in query else DAY
    for _ in range(12):
        aside(until)
    client = desk(cast.ana)
    client.get(f"/{query}")
    with django_assert_max_num_queries(12):
        assert len(client.get(f"/{query}").context["rows"]) == 12


def test_many_come_back_on_the_day_that_was_previewed_also_where_midnight_lies_between(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    with time_machine.travel("2030-05-06 23:59Z", tick=False):
        one, client = opened(), desk(cast.ana)
        said = {"t": one.reference, "status": "pending", "comes_back": "tomorrow"}
        preview = client.post("/queue/bulk/", said)
    with time_machine.travel("2030-05-07 00:01Z", tick=False):
        carried = dict(preview.context["carried"]) | {"key": str(preview.context["key"])}
        client.post("/queue/bulk/do/", {"t": one.reference} | carried)
    one.refresh_from_db()
    assert one.comes_back_at is not None
    assert exactly(one.comes_back_at) == "Tue 7 May 2030, 09:00 UTC"
    assert "Tue 7 May 2030, 09:00 UTC" in preview.content.decode()


def test_many_are_put_aside_after_a_preview(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    one, two = opened(), opened()
    client = desk(cast.ana)
    said = {"t": [one.reference, two.reference], "status": "pending", "comes_back": "monday"}
    preview = client.post("/queue/bulk/", said)
    assert "comes back" in preview.content.decode()
    carried = dict(preview.context["carried"])
    client.post("/queue/bulk/do/", said | carried | {"key": str(preview.context["key"])})
    one.refresh_from_db()
    assert one.comes_back_at is not None
    assert timezone.localtime(one.comes_back_at).weekday() == 0
    assert BulkDeed.objects.get().said.startswith("set to pending, to come back Mon ")


@pytest.mark.parametrize("at", ["2020-01-01T00:00", "2199-06-01T09:00"])
def test_a_time_at_which_nothing_can_come_back_is_refused_before_many_are_promised_it(
    cast: SimpleNamespace, desk: Desk, opened: Opener, at: str
) -> None:
    said = {"t": opened().reference, "status": "pending", "comes_back": "at", "comes_back_at": at}
    client = desk(cast.ana)
    for address in ("/queue/bulk/", "/queue/bulk/do/"):
        refused = client.post(address, said | {"key": str(uuid4())})
        assert refused.status_code == 422
        assert refused.context["form"].errors["comes_back_at"] == [
            "Choose a time within the coming year, not in the past."
        ]
        assert "will change" not in refused.content.decode()
    assert not BulkDeed.objects.exists()
