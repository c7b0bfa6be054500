"""The search page: references lead to their ticket, what was understood is shown, nothing is betrayed."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.desk.conftest import Opener
from tests.factories import customer_writes
from tickets.people.models import User
from tickets.searching import finding
from tickets.services import conversation
from tickets.views import searching

Desk = Callable[[User], Client]


def page(client: Client, **query: str) -> str:
    answer = client.get("/search/", query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_stranger_is_asked_to_log_in(db: None, client: Client) -> None:
    answer = client.get("/search/?q=lamp")
    assert answer.headers["Location"] == "/accounts/login/?next=/search/%3Fq%3Dlamp"


def test_it_goes_to_the_ticket_however_its_reference_is_typed(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    typed = ticket.reference.lower().replace("-", " ")
    answer = desk(cast.ana).get("/search/", {"q": f" {typed} "})
    assert answer.headers["Location"] == f"/tickets/{ticket.reference}/"


def test_it_betrays_no_ticket_one_may_not_see(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened(team=cast.billing, subject="A secret", body="A zeppelin.")
    for typed in (
        ticket.reference,
        "zeppelin",
        "secret",
        f"ref:{ticket.reference}",
        "team:billing",
        "-x",
    ):
        said = page(desk(cast.ana), q=typed)
        assert "No ticket you may see fits this search" in said
        assert "A secret" not in said


def test_a_ticket_is_shown_with_where_the_words_stand(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened(subject="The Lamp", body="My lamp hums.", assignee=cast.ben)
    note = conversation.note(ticket=ticket, author=cast.ben, body="Lamp known.", now=timezone.now())
    said = page(desk(cast.ana), q="lamp")
    assert "<strong>1</strong> ticket" in said
    assert "The <mark>Lamp</mark>" in said
    assert "My <mark>lamp</mark> hums." in said
    assert f'href="/tickets/{ticket.reference}/#m{note.pk}"' in said
    assert "Ben</bdi> · Internal note" in said
    assert ">Carla Customer</bdi></a> · <a " in said
    assert ">Acme</bdi></a>" in said
    assert 'name="q" placeholder' in said
    assert 'value="lamp"' in said


def test_a_held_reply_is_said_to_be_held(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    conversation.reply(ticket=opened(), author=cast.ana, body="A zeppelin.", now=timezone.now())
    assert "Reply (held, not sent yet)" in page(desk(cast.ana), q="zeppelin")


def test_an_old_message_is_reached_on_the_page_that_has_it(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened(body="A zeppelin.")
    first = ticket.messages.get()
    for _ in range(12):
        customer_writes(ticket, timezone.now())
    address = f"/tickets/{ticket.reference}/?before={first.pk + 1}#m{first.pk}"
    client = desk(cast.ana)
    assert f'href="{address}"' in page(client, q="zeppelin")
    assert f'id="m{first.pk}"' in client.get(address.partition("#")[0]).content.decode()


def test_chips_say_what_was_understood_and_take_it_out_again(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    answer = desk(cast.ana).get("/search/", {"q": 'lamp fli* "a b" -x -status:open,new'})
    assert [(*said, address) for said, address in answer.context["chips"]] == [
        ("word", "lamp", "/search/?q=fli%2A+%22a+b%22+-x+-status%3Aopen%2Cnew"),
        ("begins with", "fli", "/search/?q=lamp+%22a+b%22+-x+-status%3Aopen%2Cnew"),
        ("phrase", "a b", "/search/?q=lamp+fli%2A+-x+-status%3Aopen%2Cnew"),
        ("without the word", "x", "/search/?q=lamp+fli%2A+%22a+b%22+-status%3Aopen%2Cnew"),
        ("not status:", "open, new", "/search/?q=lamp+fli%2A+%22a+b%22+-x"),
    ]


def test_what_cannot_be_understood_is_said_and_nothing_is_shown(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    opened()
    said = page(desk(cast.ana), q="lamp status:opn nope:1")
    assert "so nothing was looked for" in said
    assert "«opn» is not a status" in said
    assert "«nope:» is not an operator." in said
    assert "The lamp flickers" not in said
    assert '<details class="operators panel" open>' in said


def test_nothing_found_says_where_was_looked_and_what_else_to_try(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    opened()
    said = page(desk(cast.ana), q="zepp status:new")
    assert "customers and what was written, notes included" in said
    assert 'href="/search/?q=zepp%2A+status%3Anew"' in said
    assert 'href="/search/?q=status%3Anew"' in said


@pytest.mark.parametrize("query", ["", "q=", "q=%20", "q=%00%27", "q=%FF", "q=!!!", "q=%F0%9F%98%80", "q=" + "x" * 5000,
                                   "q=lamp&page=-1", "q=lamp&page=9999", "q=lamp&page=x", "q=lamp&before=x"])  # fmt: skip
def test_an_address_by_hand_breaks_nothing(
    cast: SimpleNamespace, desk: Desk, opened: Opener, query: str
) -> None:
    opened()
    answer = desk(cast.ana).get(f"/search/?{query}")
    assert answer.status_code == 200
    assert "What can be typed" in answer.content.decode()


def test_dangerous_text_is_shown_as_text(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    attack = "<script>window.hit=1</script> <mark>lamp</mark> \u202egnp"
    opened(subject=attack, body=attack)
    said = page(desk(cast.ana), q="lamp script")
    assert "&lt;<mark>script</mark>&gt;window.hit=1" in said
    assert "<script>window" not in said
    assert "\u202e" not in said
    for typed in ('"><script>alert(1)</script>', "tag:<b>", "<b>:x", '"<img src=x>"'):
        assert "<script>alert" not in page(desk(cast.ana), q=typed)


def test_pages_follow_one_another_and_lead_further_back(
    cast: SimpleNamespace, desk: Desk, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "SIZE", 2)
    monkeypatch.setattr(searching, "LINES", 5)
    made = {opened(subject=f"Zeppelin {number}", body="It hums.").pk for number in range(7)}
    client = desk(cast.ana)
    seen, address, addresses = set(), "/search/?q=zeppelin", []
    while address:
        answer = client.get(address)
        seen |= {each.ticket.pk for each in answer.context["results"]}
        addresses.append(address)
        address = answer.context["following"] or answer.context["further_back"]
    assert seen == made
    assert len(addresses) == 4
    assert "The newest matches, in <strong>5</strong>" in page(client, q="zeppelin")
    assert answer.context["newest"] == "/search/?q=zeppelin"


def test_the_page_asks_as_often_for_three_tickets_as_for_twenty(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    client = desk(cast.ana)
    counts = []
    for number in range(20):
        opened(body="It hums.", assignee=cast.ben if number % 2 else None)
        if number in {2, 19}:
            with CaptureQueriesContext(connection) as queries:
                page(client, q="hums")
            counts.append(len(queries))
    assert counts[0] == counts[1] <= 18


def test_fewer_lines_than_a_pool_are_all(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    opened(body="It hums.")
    answer = desk(cast.ana).get("/search/?q=hums")
    assert not answer.context["found"].is_cut
    assert answer.context["further_back"] == ""
    assert searching.LINES == finding.POOL


@pytest.mark.parametrize(
    "typed", ["opened:9999y", "changed:>9999y", "solved:2000y", "opened:9999w"]
)
def test_a_span_longer_than_the_calendar_is_said_to_be_so(
    cast: SimpleNamespace, desk: Desk, typed: str
) -> None:
    client, span = desk(cast.ana), typed.partition(":")[2].lstrip(">")
    said = f"«{span}» reaches back to before the year 1900."
    for address in ("/search/", "/"):
        answer = client.get(address, {"q": typed, "tab": "all"})
        assert answer.status_code == 200
        assert said in answer.content.decode()


def test_what_is_typed_past_the_most_is_said_to_be_left_out(
    cast: SimpleNamespace, desk: Desk
) -> None:
    client = desk(cast.ana)
    assert "Only the first 300 characters" in page(client, q="lamp " * 61)
    assert "Only the first" not in page(client, q="lamp " * 60)
