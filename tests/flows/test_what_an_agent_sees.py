"""The road: what an agent sees comes in one page request, and its panels by one each."""

import re
from datetime import datetime
from html import unescape
from types import SimpleNamespace

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.flows.conftest import DAY, MINUTE, PASSWORD, Company
from tests.inbound.conftest import written
from tickets.models import Category, Ticket
from tickets.people.models import User
from tickets.services import triage

QUEUE_QUERIES, TICKET_QUERIES, PANEL_QUERIES = 12, 20, 18
PANELS = {
    "clocks": ["first reply", "Why this deadline?"],
    "escalations": ["is late", "Hand to a supervisor"],
    "offers": ["What you may offer here", "Credit"],
    "scripts": ["Carla"],
    "phone": ["No call yet"],
    "entitlements": ["Gold", "Problems"],
    "history": ["Orders", "Asked before"],
    "incidents": ["Incidents", "None that we know of"],
    "articles": ["Articles that fit"],
}


@pytest.fixture
def at(now: datetime) -> datetime:
    """A minute after the deadline."""
    return now + DAY + MINUTE


@pytest.fixture
def late(company: Company, ticket: Ticket, now: datetime, at: datetime) -> Ticket:
    """Ana's ticket, late and escalated, a problem for which offers exist."""
    problem, _ = Category.objects.get_or_create(nature="problem", defaults={"name": "Problem"})
    triage.set_category(ticket=ticket, category=problem, actor=None, now=now + MINUTE)
    company.sweeps(at)
    return ticket


def logged_in(person: User) -> Client:
    """Through the login page, as people do."""
    person.set_password(PASSWORD)
    person.save()
    client = Client()
    answer = client.post("/accounts/login/", {"login": person.username, "password": PASSWORD})
    assert answer.headers["Location"] == "/"
    return client


def asked(client: Client, path: str, **headers: str) -> tuple[int, str]:
    """How many queries the page took, and what it says."""
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path, headers=headers)
    assert answer.status_code == 200, path
    return len(queries), answer.content.decode()


def panels(page: str) -> list[str]:
    """Their addresses; what they are told of the page is no part of them."""
    return re.findall(r'hx-get="(/tickets/[^"?]+)(?:\?seen=\d+)?"', page)


def test_from_the_login_to_every_panel_of_a_late_ticket(
    cast: SimpleNamespace, late: Ticket, at: datetime
) -> None:
    with time_machine.travel(at + MINUTE, tick=False):
        client = logged_in(cast.ana)
        count, queue = asked(client, "/")
        assert count <= QUEUE_QUERIES
        for words in (late.reference, "The lamp flickers", "late", "Ana"):
            assert words in queue
        address = next(iter(re.findall(rf'href="(/tickets/{late.reference}/[^"]*)"', queue)))

        count, page = asked(client, unescape(address))
        assert count <= TICKET_QUERIES
        for words in ("Since yesterday.", "carla@acme.example", "Gold", "Your reply"):
            assert words in page
        assert {each.split("/")[-2] for each in panels(page)} == set(PANELS)
        for path in panels(page):
            count, panel = asked(client, path, HX_Request="true")
            assert "<html" not in panel, f"{path} sends a whole page as a panel"
            assert count <= PANEL_QUERIES, f"{path} asks {count} queries"
            for words in PANELS[path.split("/")[-2]]:
                assert words in panel, f"{path} does not say «{words}»"


def test_every_panel_is_also_a_page_for_a_browser_without_scripts(
    company: Company, cast: SimpleNamespace, late: Ticket, at: datetime
) -> None:
    page = company.gets(cast.ana, f"/tickets/{late.reference}/", at).content.decode()
    for path in panels(page):
        assert re.search(rf'<a href="{path}(\?seen=\d+)?"', page)
        whole = company.gets(cast.ana, path, at).content.decode()
        assert "</html>" in whole
        assert PANELS[path.split("/")[-2]][0] in whole


def test_why_this_deadline_is_answered_from_the_panel(
    company: Company, cast: SimpleNamespace, late: Ticket, at: datetime
) -> None:
    panel = company.gets(cast.ana, f"/tickets/{late.reference}/clocks/", at).content.decode()
    [why, *_] = re.findall(r'href="(/tickets/[^"]+/why/)"', panel)
    told = company.gets(cast.ana, why, at).content.decode()
    assert "Problems" in told
    assert "version 1" in told


def test_a_full_queue_asks_no_more_than_a_short_one(
    company: Company, cast: SimpleNamespace, now: datetime
) -> None:
    counts, seen = [], 0
    for wanted in (3, 50):
        for number in range(seen, wanted):
            company.receives(written(message_id=f"<{number}@acme.example>"), now)
        seen = wanted
        company.sweeps(now + DAY + MINUTE)
        with time_machine.travel(now + DAY + 2 * MINUTE, tick=False):
            client = company.browser(cast.ana)
            client.get("/")
            count, page = asked(client, "/")
        assert len(set(re.findall(r'href="/tickets/(HD-\w+)/[^"]*"', page))) == wanted
        counts.append(count)
    assert counts[0] == counts[1] <= QUEUE_QUERIES


def test_who_may_not_see_the_ticket_gets_neither_page_nor_panel(
    company: Company, cast: SimpleNamespace, late: Ticket, at: datetime
) -> None:
    for inner in ("", *(f"{name}/" for name in PANELS)):
        answer = company.gets(cast.bo, f"/tickets/{late.reference}/{inner}", at)
        assert answer.status_code == 404
