"""The view at hand taken along as a file: what is in it, for whom, how much, and how often."""

import csv
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.desk.conftest import Opener, due
from tests.factories import at_once
from tickets.calls import services as calls
from tickets.errors import Conflict
from tickets.models import Message, TakenList, Ticket
from tickets.people.models import Contact, Organization, User
from tickets.searching import engine, listing
from tickets.services import taking as services
from tickets.services import triage, viewing
from tickets.views import cells, taking
from tickets.views import rows as shown_rows
from tickets.views.cells import CELLS, guarded
from tickets.views.columns import COLUMNS

Desk = Callable[[User], Client]


def file(client: Client, query: str = "") -> str:
    answer = client.get(f"/queue/csv/{query}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    told: str = answer.getvalue().decode()  # type: ignore[attr-defined]
    assert told.startswith("\ufeff")
    return told.removeprefix("\ufeff")


def rows(client: Client, query: str = "") -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(file(client, query))))


def references(client: Client, query: str = "") -> list[str]:
    return [row["Reference"] for row in rows(client, query)]


def test_a_row_says_what_the_page_says_with_instants_of_one_kind(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    at = datetime(2026, 3, 3, 14, 0, 30, 999, tzinfo=UTC)
    ticket = opened(subject="The lamp, «broken»", assignee=cast.ben, tags=["vip", "glass"])
    due(ticket, at, escalation_level=2)
    viewing.choose_columns(user=cast.ana, columns=list(COLUMNS))
    [row] = rows(desk(cast.ana))
    opened_at = row.pop("Opened")
    assert datetime.fromisoformat(opened_at) == ticket.opened_at.replace(microsecond=0)
    assert opened_at.endswith("Z")
    assert row.pop("Changed").endswith("Z")
    assert row.pop("Last word").endswith("Z")
    assert row == {
        "Reference": ticket.reference, "Subject": "The lamp, «broken»",
        "Customer": "Carla Customer", "Company": "Acme", "Category": "Product question",
        "Next deadline": "2026-03-03T14:00:30Z", "Deadline of": "first reply", "Paused": "",
        "Escalation level": "2", "Status": "New", "Priority": "Normal", "Team": "Support",
        "Assignee": "Ben", "Tier": "Gold", "Channel": "E-mail", "Tags": "glass, vip",
        "Last word by": "customer",
    }  # fmt: skip


def test_every_column_of_the_queue_has_its_cells() -> None:
    assert CELLS.keys() | {"category"} == COLUMNS.keys()


def test_filters_order_and_the_columns_of_a_view_are_those_of_the_page(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    made = [opened(subject=f"Matter {each}", priority="high") for each in range(3)]
    opened(subject="Another")
    view = viewing.save_view(
        owner=cast.ana, name="Große Brände", query="tab=all&priority=high", columns=["tags"]
    )
    client = desk(cast.ana)
    found = references(client, "?tab=all&priority=high&sort=oldest")
    assert found == [each.reference for each in made]
    answer = client.get(f"/queue/csv/?{view.query}&view={view.pk}&after=2026~1")
    told = answer.getvalue().decode()  # type: ignore[attr-defined]
    assert told.splitlines()[0] == "\ufeffReference,Subject,Customer,Company,Category,Tags"
    assert 'filename="tickets-groe-brande-' in answer.headers["Content-Disposition"]
    assert len(told.splitlines()) == 4


@pytest.mark.parametrize("sort", ["due", "priority", "changed", "unchanged", "opened", "oldest"])
def test_every_ticket_is_there_once_however_many_chunks_it_takes(
    cast: SimpleNamespace, desk: Desk, opened: Opener, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "CHUNK", 3)
    made = [opened(priority=["low", "urgent"][each % 2]) for each in range(10)]
    for number, each in enumerate(made[:6]):
        due(each, timezone.now() + timedelta(hours=number // 2))
    client = desk(cast.ana)
    whole = client.get(f"/?sort={sort}").content.decode()
    expected = sorted(made, key=lambda each: whole.index(f't-{each.reference}"'))
    assert references(client, f"?sort={sort}") == [each.reference for each in expected]


def test_held_replies_and_calls_owed_say_when(
    cast: SimpleNamespace, desk: Desk, held: Message
) -> None:
    client, now = desk(cast.ana), timezone.now()
    [row] = rows(client, "?tab=held")
    assert row["Reply leaves"].endswith("Z")
    calls.promise_callback(
        ticket=held.ticket, due_at=now + timedelta(hours=1), actor=cast.ana, because="x", now=now
    )
    [row] = rows(client, "?tab=callbacks")
    assert row["Call owed"].endswith("Z")


def test_what_is_put_aside_says_when_it_comes_back(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, now = opened(), timezone.now()
    triage.set_status(ticket=ticket, status="pending", actor=cast.ana, now=now)
    until = (now + timedelta(days=3)).replace(microsecond=0)
    triage.put_aside(ticket=ticket, until=until, actor=cast.ana, now=now)
    [row] = rows(desk(cast.ana), "?tab=aside")
    assert datetime.fromisoformat(row["Comes back"]) == until


def test_a_view_about_something_else_than_a_deadline_has_its_cell_in_the_file_too() -> None:
    assert cells.OF_TAB.keys() == shown_rows.OF_TAB.keys()


def test_only_what_the_reader_sees_is_in_it(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    mine = opened()
    opened(team=cast.billing)
    assert references(desk(cast.ana), "?tab=all") == [mine.reference]
    assert len(references(desk(cast.ada), "?tab=all")) == 2


@pytest.mark.parametrize(
    ("who", "may"), [("ana", 1), ("sue", 1), ("ada", 1), ("eve", 0), ("max", 0)]
)
def test_who_takes_lists_along(
    cast: SimpleNamespace, desk: Desk, opened: Opener, who: str, may: int
) -> None:
    user = getattr(cast, who)
    ticket = opened()
    triage.involve(ticket=ticket, user=user, because="Lamps", now=timezone.now())
    client = desk(user)
    assert ("/queue/csv/" in client.get("/").content.decode()) is bool(may)
    assert client.get("/queue/csv/").status_code == (200 if may else 403)
    assert Client().get("/queue/csv/").status_code == 302
    assert client.post("/queue/csv/").status_code == 405


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "\u202e=1", "\x00=1"]
)
def test_no_cell_is_a_formula(cast: SimpleNamespace, desk: Desk, opened: Opener, text: str) -> None:
    assert guarded(text).startswith("'")
    stored = text.replace("\x00", "")  # no database keeps one
    house = Organization.objects.create(name=f"{stored}house")
    ticket = opened(requester=Contact.objects.create(name=stored, organization=house))
    Ticket.objects.filter(pk=ticket.pk).update(subject=stored)
    [row] = rows(desk(cast.ana))
    for value in row.values():
        assert not value.lstrip("\u202e").startswith(tuple("=+-@\t\r\n＝＋－＠"))


def test_no_formula_begins_where_another_separator_would_begin_a_cell() -> None:
    told = [guarded(f"a{each}=1") for each in ";\t\r\n"]
    assert not any(text.startswith("=") for each in told for text in re.split("[;\t\r\n]", each))
    assert guarded("a; b = c-d") == "a; b = c-d"


def test_words_that_are_none_are_left_as_they_are() -> None:
    assert [guarded(each) for each in ("", "a=b", "Größe, «1»", "'x")] == [
        "",
        "a=b",
        "Größe, «1»",
        "'x",
    ]


def test_it_is_cut_where_it_is_too_long_and_says_so(
    cast: SimpleNamespace, desk: Desk, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "MOST", 4)
    monkeypatch.setattr(taking, "CHUNK", 3)
    for _ in range(4):
        opened()
    client = desk(cast.ana)
    assert len(rows(client)) == 4
    opened()
    *others, last = file(client).splitlines()
    assert len(others) == 5
    assert last.startswith("Cut here: a list has at most 50") or "Narrow the view" in last


def test_where_the_words_stand_in_too_many_places_the_file_says_so_as_the_page_does(
    cast: SimpleNamespace, desk: Desk, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in range(4):
        opened(subject=f"Lamp {each}")
    client, query = desk(cast.ana), "?tab=all&q=lamp"
    assert "Cut here" not in file(client, query)
    monkeypatch.setattr(listing, "MOST", 2)
    assert "stand in too many places" in client.get(f"/{query}").content.decode()
    *others, last = file(client, query).splitlines()
    assert len(others) < 5
    assert "stand in too many places" in last


def test_what_takes_the_database_too_long_is_broken_off_and_says_so(
    cast: SimpleNamespace, desk: Desk, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in range(4):
        opened(subject=f"Lamp {each}")
    monkeypatch.setattr(taking, "CHUNK", 2)
    reads = iter([False, True])

    @contextmanager
    def second_takes_long() -> Iterator[None]:
        yield
        if next(reads):
            raise engine.TooLong

    client = desk(cast.ana)
    monkeypatch.setattr(engine, "in_time", second_takes_long)
    *others, last = file(client, "?tab=all&q=-window").splitlines()
    assert len(others) == 3
    assert "This takes too long" in last
    [deed] = TakenList.objects.all()
    assert deed.rows == 2
    assert deed.ended_at is not None


def test_a_chunk_costs_the_same_queries_however_many_rows_it_has(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    client = desk(cast.ana)
    viewing.choose_columns(user=cast.ana, columns=list(COLUMNS))

    def asked(more: int) -> int:
        for _ in range(more):
            opened(tags=["vip"])
        with CaptureQueriesContext(connection) as queries:
            rows(client)
        return len(queries)

    assert asked(3) == asked(27)


def test_only_a_chunk_is_read_before_the_next_is_asked_for(
    cast: SimpleNamespace, desk: Desk, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "CHUNK", 2)
    for _ in range(6):
        opened()
    answer: Any = desk(cast.ana).get("/queue/csv/")
    chunks = iter(answer.streaming_content)
    assert next(chunks).startswith(b"\xef\xbb\xbfReference")
    with CaptureQueriesContext(connection) as asked:
        assert next(chunks).count(b"\r\n") == 2
    assert any("LIMIT 2" in each["sql"] for each in asked)
    answer._iterator.close()  # as a browser that goes away
    [deed] = TakenList.objects.all()
    assert deed.rows == 2
    assert deed.ended_at is not None


def test_a_filter_that_cannot_be_used_leads_back_to_where_it_is_said(
    cast: SimpleNamespace, desk: Desk
) -> None:
    answer = desk(cast.ana).get("/queue/csv/?tab=all&priority=burning", follow=True)
    assert "A filter cannot be used" in answer.content.decode()
    assert not TakenList.objects.exists()


def test_every_list_is_written_down(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    opened()
    rows(desk(cast.ana), "?tab=all&priority=normal&after=x")
    [deed] = TakenList.objects.all()
    assert (deed.user, deed.rows, deed.query) == (cast.ana, 1, "tab=all&priority=normal")
    told = desk(cast.ada).get("/admin/tickets/takenlist/")
    assert told.status_code == 200
    assert "tab=all&amp;priority=normal" in told.content.decode()


def test_so_many_an_hour_and_one_at_a_time(cast: SimpleNamespace, desk: Desk) -> None:
    now = timezone.now()
    first = services.begin(user=cast.ana, query="", now=now)
    answer = desk(cast.ana).get("/queue/csv/?tab=mine", follow=True)
    assert "Another list of yours is on its way" in answer.content.decode()
    assert answer.redirect_chain == [("/?tab=mine", 302)]
    services.begin(user=cast.ben, query="", now=now)
    services.end(taken=first, rows=0, now=now)
    for _ in range(services.AN_HOUR - 1):
        services.end(taken=services.begin(user=cast.ana, query="", now=now), rows=0, now=now)
    with pytest.raises(Conflict, match="20 lists within an hour, which is the most"):
        services.begin(user=cast.ana, query="", now=now + timedelta(minutes=59))
    services.begin(user=cast.ana, query="", now=now + timedelta(minutes=61))
    services.begin(user=cast.ana, query="", now=now + timedelta(minutes=64))  # broken off


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_take_one_list(cast: SimpleNamespace) -> None:
    now = timezone.now()
    outcomes = at_once(*[lambda: services.begin(user=cast.ana, query="", now=now)] * 4)
    assert sum(isinstance(each, TakenList) for each in outcomes) == 1
    assert sum(isinstance(each, Conflict) for each in outcomes) == 3
