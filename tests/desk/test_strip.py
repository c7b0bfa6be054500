"""The queue beside a ticket: the neighbours in the view out of which it was opened."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.desk.conftest import Opener, due
from tickets.models import SavedView, Ticket
from tickets.people.models import User
from tickets.services import conversation, triage, viewing
from tickets.views import strip

Desk = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def queued(opened: Opener) -> Callable[..., list[Ticket]]:
    """So many tickets, a minute between their deadlines."""

    def make(count: int, **fields: Any) -> list[Ticket]:
        tickets = [opened(subject=f"Number {number}", **fields) for number in range(count)]
        for number, ticket in enumerate(tickets):
            due(ticket, timezone.now() + timedelta(minutes=10 + number))
        return tickets

    return make


def addresses(client: Client, query: str = "") -> dict[str, str]:
    """Where the queue's rows lead to, by reference."""
    told = client.get(f"/{query}").content.decode()
    found = re.findall(r'<a id="t-(\S+)" data-stop href="([^"]+)"', told)
    return {reference: unescape(address) for reference, address in found}


def way(address: str) -> str:
    return address.partition("?")[2]


def at(ticket: Ticket, part: str, address: str) -> str:
    return f"/tickets/{ticket.reference}/{part}/?{way(address)}"


def told(client: Client, ticket: Ticket, address: str) -> list[strip.Stop]:
    answer = client.get(at(ticket, "queue", address))
    assert answer.status_code == 200
    stops: list[strip.Stop] = answer.context["stops"]
    return stops


def test_a_row_leads_to_the_ticket_with_the_view_it_stands_in(
    cast: SimpleNamespace, desk: Desk, queued: Callable[..., list[Ticket]]
) -> None:
    client, (first, _) = desk(cast.ana), queued(2)
    address = addresses(client, "?tab=teams&priority=normal&sort=opened")[first.reference]
    page = client.get(address).content.decode()
    assert 'aria-label="The view you came from"' in page
    assert 'href="/?tab=teams&amp;sort=opened&amp;priority=normal">' in page
    assert "My teams" in page


def test_a_ticket_opened_by_itself_has_no_strip(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    page = desk(cast.ana).get(f"/tickets/{opened().reference}/").content.decode()
    assert 'class="strip"' not in page


def test_the_strip_costs_the_ticket_page_no_query(
    cast: SimpleNamespace, desk: Desk, queued: Callable[..., list[Ticket]]
) -> None:
    client, (first, *_) = desk(cast.ana), queued(3)
    address = addresses(client)[first.reference]
    counts = []
    for each in (address.partition("?")[0], address):
        client.get(each)
        with CaptureQueriesContext(connection) as asked:
            client.get(each)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_strip_has_the_neighbours_in_order_and_marks_what_is_open(
    cast: SimpleNamespace, desk: Desk, queued: Callable[..., list[Ticket]], opened: Opener
) -> None:
    client, tickets = desk(cast.ana), queued(9)
    opened(subject="Of another team", team=cast.billing)
    here = tickets[7]
    stops = told(client, here, addresses(client)[here.reference])
    assert [stop.reference for stop in stops] == [each.reference for each in tickets[2:]]
    assert [stop.reference for stop in stops if stop.is_here] == [here.reference]
    assert {stop.customer for stop in stops} == {"Carla Customer"}
    assert all("first reply due in" in stop.badge for stop in stops)


@pytest.mark.parametrize("tab", ["next", "mine", "unassigned", "all"])
def test_every_view_walks_from_its_first_to_its_last_and_back(
    cast: SimpleNamespace, desk: Desk, queued: Callable[..., list[Ticket]], tab: str
) -> None:
    client, tickets = desk(cast.ana), queued(5)
    if tab == "mine":
        for ticket in tickets:
            triage.assign(ticket=ticket, assignee=cast.ana, actor=cast.ana, now=timezone.now())
    found = addresses(client, f"?tab={tab}")
    wanted, (address, *_) = list(found), found.values()
    assert len(wanted) == 5
    for part, expected in (("next", wanted[1:]), ("previous", wanted[-2::-1])):
        for reference in expected:
            here = Ticket.objects.get(reference=address.split("/")[2])
            address = client.get(at(here, part, address)).headers["Location"]
            assert address == found[reference]
        here = Ticket.objects.get(reference=address.split("/")[2])
        end = client.get(at(here, part, address), follow=True)
        assert end.redirect_chain == [(f"/?tab={tab}", 302)]
        assert f"{here.reference} was the {'last' if part == 'next' else 'first'} ticket" in (
            end.content.decode()
        )


def test_who_answers_goes_on_from_where_the_ticket_stood(
    cast: SimpleNamespace, desk: Desk, queued: Callable[..., list[Ticket]]
) -> None:
    client, tickets = desk(cast.ana), queued(4)
    here, address = tickets[1], addresses(client)[tickets[1].reference]
    due(here, timezone.now() + timedelta(days=9), "resolution")
    assert (
        client.get(at(here, "next", address))
        .headers["Location"]
        .startswith(f"/tickets/{tickets[2].reference}/")
    )
    stops = told(client, here, address)
    assert [stop.reference for stop in stops] == [each.reference for each in tickets]
    triage.set_status(ticket=here, status="solved", actor=cast.ana, now=timezone.now())
    assert [stop.reference for stop in told(client, here, address)] == [
        each.reference for each in tickets
    ]
    assert (
        client.get(at(here, "previous", address))
        .headers["Location"]
        .startswith(f"/tickets/{tickets[0].reference}/")
    )


def test_what_one_may_not_see_has_no_strip_and_no_neighbours(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    secret = opened(team=cast.billing)
    client = desk(cast.ana)
    for part in ("queue", "next", "previous"):
        assert client.get(f"/tickets/{secret.reference}/{part}/?from=tab%3Dnext").status_code == 404
        signed_out = Client().get(f"/tickets/{secret.reference}/{part}/")
        assert signed_out.status_code == 302
        assert "/accounts/login/" in signed_out.headers["Location"]
    here = opened()
    stops = told(client, here, "?from=tab%3Dall")
    assert [stop.reference for stop in stops] == [here.reference]


def test_the_strip_asks_the_same_for_three_and_for_thirty(
    cast: SimpleNamespace, desk: Desk, queued: Callable[..., list[Ticket]]
) -> None:
    client, counts = desk(cast.ana), []
    for more in (3, 40):
        tickets = queued(more)
        address = addresses(client)[tickets[1].reference]
        part = at(tickets[1], "queue", address)
        client.get(part, headers=HTMX)
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(part, headers=HTMX)
        page = answer.content.decode()
        assert "<html" not in page
        assert page.count('class="stop"') == {3: 3, 40: 34}[more]
        counts.append(len(asked))
    assert counts[1] <= counts[0] <= 12


def test_a_long_view_says_that_there_is_more_on_both_sides(
    cast: SimpleNamespace, desk: Desk, queued: Callable[..., list[Ticket]]
) -> None:
    client, tickets = desk(cast.ana), queued(45)
    here = tickets[8]
    answer = client.get(at(here, "queue", addresses(client)[here.reference]))
    page = answer.content.decode()
    assert len(answer.context["stops"]) == strip.BEFORE + 1 + strip.AFTER
    assert "More before these" in page
    assert "More behind these" in page
    assert "<html" in page


def test_the_saved_view_and_the_page_of_the_queue_are_found_again(
    cast: SimpleNamespace, desk: Desk, queued: Callable[..., list[Ticket]]
) -> None:
    client, tickets = desk(cast.ana), queued(52)
    viewing.save_view(owner=cast.ana, name="Mine & <b>", query="tab=next", columns=[])
    saved = SavedView.objects.get()
    first = client.get(f"/?tab=next&view={saved.pk}")
    second = first.context["next_page"]
    found = addresses(client, second[1:])
    assert set(found) == {each.reference for each in tickets[50:]}
    answer = client.get(found[tickets[51].reference])
    assert answer.context["way"].back.startswith("/?tab=next")
    assert addresses(client, answer.context["way"].back[1:]) == found
    page = client.get(at(tickets[51], "queue", found[tickets[51].reference])).content.decode()
    assert "Mine &amp; &lt;b&gt;" in page


@pytest.mark.parametrize("sent_by", ["the form", "the page"])
def test_after_a_reply_one_is_still_in_the_view(
    cast: SimpleNamespace,
    desk: Desk,
    queued: Callable[..., list[Ticket]],
    sent_by: str,
) -> None:
    client, (here, other) = desk(cast.ana), queued(2)
    address = addresses(client)[here.reference]
    said = {"body": "It is known.", "version": here.version}
    came = client.get(address).context["way"]
    given = {"from": came.view, "at": came.place} if sent_by == "the form" else {}
    page = {} if given else {"Referer": f"http://testserver{address}"}
    answer = client.post(f"/tickets/{here.reference}/reply/", said | given, headers=page)
    message = here.messages.get(kind="reply")
    assert answer.headers["Location"] == f"/tickets/{here.reference}/?{came.said}#m{message.pk}"
    onward = client.get(f"/tickets/{here.reference}/next/?{came.said}")
    assert onward.headers["Location"].startswith(f"/tickets/{other.reference}/")


def test_a_refused_reply_stays_in_the_view(
    cast: SimpleNamespace, desk: Desk, queued: Callable[..., list[Ticket]]
) -> None:
    client, (here,) = desk(cast.ana), queued(1)
    came = client.get(addresses(client)[here.reference]).context["way"]
    answer = client.post(
        f"/tickets/{here.reference}/reply/", {"body": " ", "from": came.view, "at": came.place}
    )
    assert answer.status_code == 422
    assert answer.context["way"] == came
    assert answer.content.decode().count(f'name="at" value="{came.place}"') >= 2


def test_another_tickets_page_leads_nobody_into_its_view(
    cast: SimpleNamespace, desk: Desk, queued: Callable[..., list[Ticket]]
) -> None:
    client, (one, other) = desk(cast.ana), queued(2)
    address = addresses(client)[one.reference]
    page = client.get(
        f"/tickets/{other.reference}/", headers={"Referer": f"http://testserver{address}"}
    )
    assert page.context["way"] is None


def test_a_held_reply_recalled_keeps_the_way(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    reply = conversation.reply(
        ticket=ticket, author=cast.ana, body="It is known.", now=timezone.now()
    )
    address = addresses(client, "?tab=held")[ticket.reference]
    stops = told(client, ticket, address)
    assert [stop.reference for stop in stops] == [ticket.reference]
    answer = client.post(
        f"/tickets/{ticket.reference}/messages/{reply.pk}/recall/",
        headers={"Referer": f"http://testserver{address}"},
    )
    assert answer.headers["Location"].startswith(f"/tickets/{ticket.reference}/?draft={reply.pk}&")
    assert "from=tab%3Dheld" in answer.headers["Location"]


@pytest.mark.parametrize(
    "query",
    [
        "", "from=", "from=nonsense", "from=tab%3Dall%26sort%3Dpriority&at=x",
        "from=tab%3Dnext%26team%3D999999", "from=%00&at=%00", "from=tab%3Dheld",
        "from=tab%3Dnext&at=9999-12-31T23:59:59-23:59~1", "from=" + "a" * 5000,
        "from=tab%3Dnext%26view%3D99999999999999999999",
    ],
)  # fmt: skip
def test_odd_ways_show_the_ticket_and_lead_somewhere(
    cast: SimpleNamespace, desk: Desk, opened: Opener, query: str
) -> None:
    client, ticket = desk(cast.ana), opened()
    base = f"/tickets/{ticket.reference}/"
    assert client.get(f"{base}?{query}").status_code == 200
    assert client.get(f"{base}queue/?{query}").status_code == 200
    for part in ("next", "previous"):
        assert client.get(f"{base}{part}/?{query}").status_code == 302


@pytest.mark.parametrize("is_secure", [True, False])
def test_what_is_folded_is_kept_as_carefully_as_the_session(
    cast: SimpleNamespace,
    desk: Desk,
    queued: Callable[..., list[Ticket]],
    settings: Any,
    is_secure: bool,
) -> None:
    (one,), client = queued(1), desk(cast.ana)
    settings.SESSION_COOKIE_SECURE = is_secure
    page = client.get(addresses(client)[one.reference]).content.decode()
    kept = re.search(r'data-cookie="([^"]+)"', page)
    assert kept is not None
    assert kept[1].endswith("; secure") == is_secure
    assert "samesite=lax" in kept[1]


def test_what_was_folded_comes_folded(
    cast: SimpleNamespace, desk: Desk, queued: Callable[..., list[Ticket]]
) -> None:
    client, (here,) = desk(cast.ana), queued(1)
    address = addresses(client)[here.reference]
    assert '<details data-folds="strip" open ' in client.get(address).content.decode()
    client.cookies["strip"] = "folded"
    assert '<details data-folds="strip" data-cookie' in client.get(address).content.decode()


def test_a_subject_that_is_markup_stays_words(
    cast: SimpleNamespace, desk: Desk, opened: Opener, now: datetime
) -> None:
    here, other = opened(subject="<b>One</b>"), opened(subject="<script>hit()</script>")
    due(other, now)
    page = desk(cast.ana).get(f"/tickets/{here.reference}/queue/?from=tab%3Dnext")
    assert "&lt;script&gt;hit()" in page.content.decode()
    assert "<script>hit" not in page.content.decode()


def test_a_stop_says_that_a_reply_is_held_the_open_ticket_too(
    cast: SimpleNamespace, desk: Desk, queued: Callable[..., list[Ticket]]
) -> None:
    client, (first, second, third) = desk(cast.ana), queued(3)
    address = addresses(client)[first.reference]
    for ticket in (first, third):
        conversation.reply(ticket=ticket, author=cast.ana, body="Soon.", now=timezone.now())
    said = {stop.reference: stop.leaves for stop in told(client, first, address)}
    assert "reply leaves " in said[first.reference]
    assert "reply leaves " in said[third.reference]
    assert said[second.reference] == ""
    page = client.get(at(first, "queue", address)).content.decode()
    assert page.count(">reply leaves ") == 2


@pytest.mark.parametrize("sent_by", ["the form", "the page"])
def test_a_call_begun_and_finished_is_still_in_the_view(
    cast: SimpleNamespace, desk: Desk, queued: Callable[..., list[Ticket]], sent_by: str
) -> None:
    client, (here, _) = desk(cast.ana), queued(2)
    address = addresses(client)[here.reference]
    came = client.get(address).context["way"]
    given = {"from": came.view, "at": came.place} if sent_by == "the form" else {}
    page = {} if given else {"Referer": f"http://testserver{address}"}
    said = {"ticket": here.reference, "direction": "outbound"}
    begun = client.post("/calls/start/", said | given, headers=page)
    assert begun.headers["Location"] == f"/tickets/{here.reference}/?{came.said}"
    call = here.calls.get()
    panel = client.get(
        f"/calls/{call.pk}/", headers=HTMX | {"Referer": f"http://testserver{address}"}
    )
    assert f'name="at" value="{came.place}"' in panel.content.decode()
    refused = client.post(f"/calls/{call.pk}/finish/", {"outcome": "maybe"} | given, headers=page)
    assert refused.status_code == 422
    assert refused.context["way"] == came
    finished = client.post(
        f"/calls/{call.pk}/finish/", {"outcome": "reached"} | given, headers=page
    )
    assert finished.headers["Location"] == f"/tickets/{here.reference}/?{came.said}"
