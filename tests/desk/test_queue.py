"""The queue page: tabs, filters, words, and a constant number of queries."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.desk.conftest import Opener, due
from tickets.models import Message, QueueColumns, Ticket
from tickets.people.models import User
from tickets.services import conversation, triage

Desk = Callable[[User], Client]


def subjects(client: Client, query: str = "") -> list[str]:
    rows = client.get(f"/{query}").context["rows"]
    return [row.subject for row in rows]


def test_a_stranger_is_asked_to_log_in(db: None, client: Client) -> None:
    answer = client.get("/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/accounts/login/?next=/"


def test_the_login_takes_the_username_and_the_address(cast: SimpleNamespace) -> None:
    cast.ana.set_password("a-long-secret")
    cast.ana.save()
    for login in ("ana", "ana@company.example"):
        client = Client()
        client.post("/accounts/login/", {"login": login, "password": "a-long-secret"})
        assert client.get("/").status_code == 200


def test_tabs_show_what_they_say(
    cast: SimpleNamespace, desk: Desk, opened: Opener, held: Message
) -> None:
    now = timezone.now()
    mine = opened(subject="Mine", assignee=cast.ana)
    opened(subject="Of Ben", assignee=cast.ben)
    waiting = opened(subject="Waiting", assignee=cast.ben)
    triage.set_status(ticket=waiting, status="pending", actor=cast.ben, now=now)
    done = opened(subject="Done", assignee=cast.ben)
    triage.set_status(ticket=done, status="solved", actor=cast.ben, now=now)
    Ticket.objects.filter(pk=mine.pk).update(escalation_level=2)
    client = desk(cast.ana)
    assert subjects(client, "?tab=mine") == ["Mine"]
    assert subjects(client, "?tab=escalated") == ["Mine"]
    assert subjects(client, "?tab=waiting") == ["Waiting"]
    assert subjects(client, "?tab=held") == ["The lamp flickers"]
    assert subjects(client, "?tab=unassigned") == ["The lamp flickers"]
    assert "Done" not in subjects(client)
    assert "Done" in subjects(client, "?tab=all")
    assert subjects(client, "?status=solved") == ["Done"]


def test_only_what_one_may_see_is_listed(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    opened(subject="Of Billing", team=cast.billing)
    opened(subject="Followed", team=cast.billing).followers.add(cast.ana)
    assert subjects(desk(cast.ana)) == ["Followed"]
    assert sorted(subjects(desk(cast.ada))) == ["Followed", "Of Billing"]
    assert subjects(desk(cast.max)) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("priority=urgent", ["Urgent"]),
        ("q=urgent", ["Urgent"]),
        ("q=urg*", ["Urgent"]),
        ("q=urg", []),
        ("q=priority:urgent", ["Urgent"]),
        ("tag=VIP", ["Tagged"]),
        ("tag=none", []),
        ("status=new&priority=urgent", ["Urgent"]),
        ("status=open", []),
    ],
)
def test_filters_narrow(
    cast: SimpleNamespace, desk: Desk, opened: Opener, query: str, found: list[str]
) -> None:
    opened(subject="Urgent", priority="urgent")
    opened(subject="Tagged", tags=["vip"])
    assert subjects(desk(cast.ana), f"?{query}") == found


def test_filters_by_team_assignee_and_category(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    opened(subject="A", assignee=cast.ben)
    opened(subject="B", category=cast.management)
    opened(subject="C", team=cast.billing)
    client = desk(cast.ada)
    assert subjects(client, f"?assignee={cast.ben.pk}") == ["A"]
    assert subjects(client, f"?category={cast.management.pk}") == ["B"]
    assert subjects(client, f"?team={cast.billing.pk}") == ["C"]


def test_a_chip_takes_its_filter_away_again(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    opened()
    page = desk(cast.ana).get("/?priority=urgent&status=new&after=-~1")
    chips = {label: (value, without) for label, value, without in page.context["chips"]}
    assert chips["Priority"] == ("Urgent", "status=new")
    assert "No ticket fits these filters" in page.content.decode()


@pytest.mark.parametrize("query", ["priority=nope", "team=999", "status=%00", "assignee=1 OR 1=1"])
def test_a_bad_filter_says_so_at_its_field(
    cast: SimpleNamespace, desk: Desk, opened: Opener, query: str
) -> None:
    opened()
    page = desk(cast.ana).get(f"/?{query}")
    assert page.status_code == 200
    assert page.context["filter"].form.errors
    assert "aria-invalid" in page.content.decode()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("status=nonsense", "«nonsense» is not a status."),
        ("priority=nope", "«nope» is not a priority."),
        ("team=999999", "There is no such team."),
        ("team=x", "There is no such team."),
        ("assignee=999999", "Nobody of this number works here."),
        ("category=1e9", "There is no such category."),
        ("q=%00", "Null characters are not allowed."),
    ],
)
def test_a_filter_that_cannot_be_used_shows_no_ticket_rather_than_all(
    cast: SimpleNamespace, desk: Desk, opened: Opener, query: str, said: str
) -> None:
    opened()
    for headers in ({}, {"HX-Request": "true"}):
        told = desk(cast.ana).get(f"/?tab=all&{query}", headers=headers).content.decode()
        assert said in told
        assert "The lamp flickers" not in told
        assert 'href="?tab=all">Clear the filters</a>' in told
        assert "No ticket fits" not in told


def test_a_search_that_finds_nothing_says_what_it_looked_through(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    opened()
    told = desk(cast.ana).get("/?tab=mine&q=zeppelin&priority=urgent").content.decode()
    for words in (
        "«<bdi>zeppelin</bdi>» was looked for in references, subjects, customers and what was written",
        "but only in the view «Mine».",
        'href="/?tab=all&amp;q=zeppelin&amp;priority=urgent">Look in all tickets</a>',
        "Priority: <bdi>Urgent</bdi>",
        'href="?tab=mine">Clear the filters</a>',
    ):
        assert words in " ".join(told.split())
    assert "Reference, subject or customer: <bdi>" not in told.partition("No ticket fits")[2]
    assert 'maxlength="300" value="zeppelin"' in told
    plain = desk(cast.ana).get("/?tab=all&priority=urgent").content.decode()
    assert "was looked for" not in plain
    assert "Look in all tickets" not in plain


@pytest.mark.parametrize("words", ["carla@acme", "Customer", "ACME", "acme.example", "+49 30 12"])
def test_the_filter_by_words_knows_the_customer_too(
    cast: SimpleNamespace, desk: Desk, opened: Opener, words: str
) -> None:
    type(cast.carla).objects.filter(pk=cast.carla.pk).update(phone="+49301234")
    opened(subject="Hers")
    opened(subject="His", requester=cast.carl)
    answer = desk(cast.ana).get("/", {"tab": "all", "q": words})
    assert [row.subject for row in answer.context["rows"]] == ["Hers"]


@pytest.mark.parametrize("query", ["q=%00%27--", "tag=%00", "q=" + "x" * 500, "tab=%3Cb%3E"])
def test_hostile_words_find_nothing_and_break_nothing(
    cast: SimpleNamespace, desk: Desk, opened: Opener, query: str
) -> None:
    assert desk(cast.ana).get(f"/?{query}").status_code == 200


def test_the_clock_is_said_in_words(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    now = timezone.now()
    due(opened(subject="Late"), now - timedelta(minutes=12, seconds=5), is_late=True)
    due(opened(subject="Soon"), now + timedelta(minutes=40, seconds=30), "next_reply")
    page = desk(cast.ana).get("/").content.decode()
    assert "first reply late by 12 min" in page
    assert "next reply due in 40 min" in page
    assert page.index("Late") < page.index("Soon")


def test_pages_follow_one_another(
    cast: SimpleNamespace, desk: Desk, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickets.views.paging.SIZE", 2)
    for number in range(3):
        opened(subject=f"Ticket {number}", priority="high")
    client = desk(cast.ana)
    first = client.get("/?priority=high")
    assert len(first.context["rows"]) == 2
    second = client.get(first.context["next_page"])
    assert len(second.context["rows"]) == 1
    assert second.context["next_page"] == ""
    assert "priority=high" in second.context["first_page"]


def test_htmx_gets_only_the_rows(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    opened()
    page = desk(cast.ana).get("/", headers={"HX-Request": "true"}).content.decode()
    assert "The lamp flickers" in page
    assert "<html" not in page


def test_the_queue_asks_the_same_for_3_and_50_rows(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    client = desk(cast.ana)
    counts = []
    for number in range(50):
        opened(assignee=cast.ben if number % 2 else None, requester=cast.carla)
        if number in {2, 49}:
            with CaptureQueriesContext(
                connection,
            ) as seen:
                assert client.get("/?status=new").status_code == 200
            counts.append(len(seen))
            assert not any("count(" in query["sql"].lower() for query in seen)
    assert counts[0] == counts[1] <= 12


def test_an_empty_desk_says_that_all_is_quiet(cast: SimpleNamespace, desk: Desk) -> None:
    assert "All quiet" in desk(cast.ana).get("/").content.decode()


@pytest.mark.parametrize("who", ["ana", "sue", "ada", "eve", "max"])
def test_the_button_for_a_new_ticket_stands_where_the_door_is_open(
    cast: SimpleNamespace, client: Client, who: str
) -> None:
    client.force_login(getattr(cast, who))
    button = reverse("ticket-new") in client.get(reverse("queue")).content.decode()
    door = client.get(reverse("ticket-new")).status_code == 200
    assert button == door == (who in {"ana", "sue", "ada"})


def test_a_row_says_that_a_reply_is_held_and_when_it_leaves(
    cast: SimpleNamespace, desk: Desk, held: Message
) -> None:
    assert held.mail is not None
    client = desk(cast.ana)
    local = timezone.localtime(held.mail.release_at, ZoneInfo(cast.ana.time_zone))
    day = (
        ""
        if local.date() == timezone.localdate(timezone=local.tzinfo)
        else f"{local:%a} {local.day} {local:%b}, "
    )
    said = f">reply leaves {day}{local:%H:%M}</time></span>"
    for query in ("", "?tab=unassigned", "?sort=priority"):
        page = client.get(f"/{query}").content.decode()
        assert page.count(said) == 1, query
        assert page.index(said) > page.index('class="due"'), query
    # Where the reader has no column for deadlines it stands with the ticket.
    Ticket.objects.update(next_due_at=None)
    QueueColumns.objects.create(user=cast.ana, columns=["status"])
    page = client.get("/").content.decode()
    assert said in page
    assert 'class="due"' not in page
    # The view of what is held says it in its own words already.
    assert said not in client.get("/?tab=held").content.decode()


def test_a_reply_that_should_have_left_is_said_to_be_on_its_way(
    cast: SimpleNamespace, desk: Desk, held: Message
) -> None:
    Ticket.objects.update(waiting_until=timezone.now() - timedelta(minutes=1))
    assert ">reply on its way</time>" in desk(cast.ana).get("/").content.decode()


def test_a_held_progress_line_is_not_taken_for_an_answer(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    conversation.progress(ticket=opened(), author=cast.ana, text="At it.", now=timezone.now())
    page = desk(cast.ana).get("/").content.decode()
    assert ">progress line leaves " in page
    assert ">reply leaves " not in page


def test_held_replies_cost_the_queue_no_query(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    client, counts = desk(cast.ana), []
    client.get("/")
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        counts.append(len(queries))
        for _ in range(5):
            conversation.reply(
                ticket=opened(), author=cast.ana, body="It is red.", now=timezone.now()
            )
    assert counts[0] == counts[1]
