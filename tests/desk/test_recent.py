"""The last tickets that somebody opened: found again, at no cost to those who open none."""

import re
from collections.abc import Callable
from types import SimpleNamespace

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.desk.conftest import Opener
from tickets.models import Ticket
from tickets.people.models import User

Desk = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


def listed(client: Client) -> list[str]:
    answer = client.get("/recent/")
    assert answer.status_code == 200
    return re.findall(r'href="/tickets/(HD-\w+)/"', answer.content.decode())


def opens(client: Client, ticket: Ticket, rest: str = "", **headers: str) -> list[str]:
    """What was written to the database by it."""
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(f"/tickets/{ticket.reference}/{rest}", headers=headers)
    assert answer.status_code == 200
    written = (
        each["sql"] for each in asked if not each["sql"].startswith(("SELECT", "SAVE", "REL"))
    )
    return [sql for sql in written if "django_session" in sql]


def test_the_last_ten_stand_there_the_last_first_and_each_once(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    client, made = desk(cast.ana), [opened(subject=f"Matter {each}") for each in range(12)]
    assert listed(client) == []
    for each in [*made, made[5]]:
        opens(client, each)
    expected = [made[5], *reversed([each for each in made[2:] if each != made[5]])]
    assert listed(client) == [each.reference for each in expected]
    assert listed(desk(cast.ben)) == []


def test_a_ticket_opened_again_and_a_part_of_one_write_nothing(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    client, ticket, other = desk(cast.ana), opened(), opened()
    assert len(opens(client, ticket)) == 1
    assert opens(client, ticket) == []
    assert opens(client, other, "?form=tags", **HTMX) == []
    assert listed(client) == [ticket.reference]


def test_what_one_may_not_see_any_more_is_not_there(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    client, mine, gone = desk(cast.ana), opened(), opened(subject="A secret")
    opens(client, mine), opens(client, gone)
    Ticket.objects.filter(pk=gone.pk).update(team=cast.billing)
    assert listed(client) == [mine.reference]
    assert "A secret" not in client.get("/recent/", headers=HTMX).content.decode()


def test_the_menu_and_the_empty_search_have_them_and_the_queue_asks_for_none(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    client, ticket = desk(cast.ana), opened()
    client.get("/")
    with CaptureQueriesContext(connection) as before:
        client.get("/")
    opens(client, ticket)
    with CaptureQueriesContext(connection) as after:
        told = client.get("/").content.decode()
    assert len(after) == len(before)
    assert 'hx-get="/recent/"' in told
    part = client.get("/recent/", headers=HTMX).content.decode()
    assert "<html" not in part
    assert f"/tickets/{ticket.reference}/" in part
    assert "Recently opened</h2>" in client.get("/search/").content.decode()
    with CaptureQueriesContext(connection) as one:
        client.get("/recent/", headers=HTMX)
    for _ in range(5):
        opens(client, opened())
    with CaptureQueriesContext(connection) as many:
        client.get("/recent/", headers=HTMX)
    assert len(one) == len(many)
