"""What browsers ask for: tokens, marks of change, who else is here, what is new on a ticket."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as conf
from django.test import Client
from django.utils import timezone

from tests.desk.conftest import Opener, desk, opened
from tickets.live import presence, topics
from tickets.live.hearing import LONGEST, topics_of
from tickets.live.presence import LEAVES, STAYS, Doing, Memory
from tickets.live.tokens import read
from tickets.models import Ticket
from tickets.people.models import Membership, User
from tickets.services import conversation, triage

__all__ = ["desk", "opened"]
Desk = Callable[[User], Client]


def heard(client: Client, **query: str) -> frozenset[str]:
    answer = client.get("/live/poll/", query).json()
    grant = read(answer["token"], conf.SECRET_KEY, now=timezone.now().timestamp())
    assert grant is not None
    assert grant.until <= timezone.now().timestamp() + LONGEST
    return grant.topics


def test_who_may_hear_what(cast: SimpleNamespace, opened: Opener) -> None:
    ticket = opened()
    triage.involve(ticket=ticket, user=cast.max, because="asked", now=timezone.now())
    team, of = topics.team, topics.person
    Membership.objects.create(user=cast.max, team=cast.billing)
    expected = {
        cast.ana: {of(cast.ana.pk), team(cast.support.pk)},
        cast.stan: {of(cast.stan.pk), team(cast.billing.pk)},
        # An expert in a team sees what was put before them, not what the team has.
        cast.max: {of(cast.max.pk), topics.ticket(ticket.pk)},
        cast.eve: {of(cast.eve.pk)},
        cast.ada: {of(cast.ada.pk), topics.EVERYTHING},
    }
    assert {person: set(topics_of(person)) for person in expected} == expected


@pytest.mark.parametrize("name", ["ana", "sue", "bo", "eve", "max", "ada"])
def test_who_hears_of_a_ticket_sees_it(cast: SimpleNamespace, opened: Opener, name: str) -> None:
    """The stream's rule and the pages' are one: nobody hears of what they may not see."""
    user = getattr(cast, name)
    mine, theirs = opened(), opened(team=cast.billing)
    triage.follow(ticket=theirs, user=cast.ana, actor=cast.ada, now=timezone.now())
    for ticket in (mine, theirs):
        of = {topics.ticket(ticket.pk), topics.team(ticket.team_id), topics.EVERYTHING}
        sees = Ticket.objects.visible_to(user).filter(pk=ticket.pk).exists()
        assert bool(topics_of(user) & of) == sees


def test_who_has_left_hears_nothing(cast: SimpleNamespace) -> None:
    cast.ana.is_active = False
    assert topics_of(cast.ana) == {topics.person(cast.ana.pk)}


def test_leaving_a_team_ends_with_the_next_token(cast: SimpleNamespace, desk: Desk) -> None:
    client, team = desk(cast.ana), topics.team(cast.support.pk)
    assert team in heard(client)
    cast.ana.memberships.all().delete()
    assert team not in heard(client)


def test_another_teams_ticket_is_not_heard_of(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    mine, theirs = opened(), opened(team=cast.billing)
    client = desk(cast.ana)
    assert topics.ticket(mine.pk) in heard(client, ticket=mine.reference)
    assert topics.ticket(theirs.pk) not in heard(client, ticket=theirs.reference)
    assert client.get("/live/poll/", {"ticket": theirs.reference}).json()["ticket"] is None
    assert topics.ticket(theirs.pk) not in heard(client, ticket="nonsense\x00")


def test_the_signed_out_get_nothing(cast: SimpleNamespace, opened: Opener) -> None:
    ticket, client = opened(), Client()
    answer = client.get("/live/poll/")
    assert (answer.status_code, "token" in answer.json()) == (401, False)
    for path in ("presence/", "news/"):
        answer = client.post(f"/tickets/{ticket.reference}/{path}")
        assert answer.status_code in {302, 405}


def test_where_there_is_no_stream_it_is_said_at_no_cost_but_that_of_knowing_the_reader(
    cast: SimpleNamespace, desk: Desk, django_assert_num_queries: Any
) -> None:
    client = desk(cast.ana)
    with django_assert_num_queries(2):
        assert client.get("/live/stream/?token=x").status_code == 204


def test_marks_move_with_what_happens(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    ticket, client = opened(), desk(cast.ana)
    asked = {"ticket": ticket.reference}
    before = client.get("/live/poll/", asked).json()
    assert before["ticket"] == {
        "reference": ticket.reference,
        "version": 1,
        "event": ticket.events.latest("pk").pk,
    }
    conversation.note(ticket=ticket, author=cast.ben, body="Look.", now=timezone.now())
    after = client.get("/live/poll/", asked).json()
    assert before["desk"] != after["desk"]
    assert before["ticket"]["event"] < after["ticket"]["event"]


def test_a_poll_costs_the_same_with_3_and_30_tickets(
    cast: SimpleNamespace, desk: Desk, opened: Opener, django_assert_num_queries: Any
) -> None:
    client = desk(cast.ana)
    for count in (3, 27):
        for _ in range(count):
            ticket = opened()
        with django_assert_num_queries(7):
            client.get("/live/poll/", {"ticket": ticket.reference})


# Presence -----------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.CELERY_BROKER_URL = "memory://"
    monkeypatch.setattr(presence, "memory", Memory())


def on(client: Client, ticket: Ticket, doing: str = "reading", window: str = "w1") -> Any:
    said = {"window": window, "doing": doing}
    return client.post(f"/tickets/{ticket.reference}/presence/", said)


def test_each_sees_the_other_and_not_themselves(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, ana, ben = opened(), desk(cast.ana), desk(cast.ben)
    assert "is reading" not in on(ana, ticket).content.decode()
    assert "<bdi>Ana</bdi> is reading" in on(ben, ticket).content.decode()
    assert "<bdi>Ben</bdi> is reading" in on(ana, ticket, "reply").content.decode()
    seen = on(ben, ticket).content.decode()
    assert "<bdi>Ana</bdi> is writing a reply" in seen
    assert "Ben" not in seen


def test_who_writes_in_one_window_and_reads_in_another_writes(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, ana = opened(), desk(cast.ana)
    on(ana, ticket, "note", "w1")
    on(ana, ticket, "reading", "w2")
    seen = on(desk(cast.ben), ticket).content.decode()
    assert "is writing a note" in seen
    assert seen.count("Ana") == 1


def test_who_leaves_is_gone_in_a_moment_and_who_falls_silent_within_the_minute(
    cast: SimpleNamespace, opened: Opener
) -> None:
    ticket = opened()

    def beat(user: User, doing: Doing, now: float) -> list[str]:
        company = presence.beat(ticket=ticket, user=user, window="w", doing=doing, now=now)
        return [each.name for each in company.others]

    now = timezone.now().timestamp()
    beat(cast.ana, Doing.READING, now)
    assert beat(cast.ben, Doing.READING, now) == ["Ana"]
    beat(cast.ana, Doing.AWAY, now - LEAVES - 1)
    assert beat(cast.ben, Doing.READING, now) == []
    beat(cast.ana, Doing.READING, now - STAYS - 1)
    assert beat(cast.ben, Doing.READING, now) == []


def test_one_who_goes_is_asked_about_again_when_they_may_have_gone(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, ana = opened(), desk(cast.ana)
    on(ana, ticket)
    on(ana, ticket, "away")
    seen = on(desk(cast.ben), ticket).content.decode()
    assert "data-again=" in seen
    on(ana, ticket, "reading", "w2")  # a page of the same ticket again: they never went
    assert "Ana" in on(desk(cast.ben), ticket).content.decode()


def test_presence_is_only_for_who_sees_the_ticket(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened(team=cast.billing)
    on(desk(cast.bo), ticket)
    answer = on(desk(cast.ana), ticket)
    assert answer.status_code == 404
    assert "is reading" not in answer.content.decode()


@pytest.mark.parametrize(
    ("window", "doing"),
    [("", "reading"), ("a" * 17, "reading"), ("<b>", "reading"), ("é", "reading"), ("w", "dancing"), ("w", "")],
)  # fmt: skip
def test_what_no_window_does_is_refused(
    cast: SimpleNamespace, desk: Desk, opened: Opener, window: str, doing: str
) -> None:
    assert on(desk(cast.ana), opened(), doing, window).status_code == 400


def test_nobody_fills_a_ticket_with_windows(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, ana = opened(), desk(cast.ana)
    for number in range(presence.MOST_OF_ONE + 5):
        on(ana, ticket, "reading", f"w{number}")
    assert len(presence.memory._stays[ticket.pk]) == presence.MOST_OF_ONE


def test_a_name_is_inert(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    ticket = opened()
    type(cast.ana).objects.filter(pk=cast.ana.pk).update(first_name="<img src=x onerror=1>\u202e")
    on(desk(cast.ana), ticket)
    seen = on(desk(cast.ben), ticket).content.decode()
    assert "<img" not in seen
    assert "\u202e" not in seen


# News ---------------------------------------------------------------------------------------


def news(client: Client, ticket: Ticket, **seen: Any) -> str:
    answer = client.get(f"/tickets/{ticket.reference}/news/", seen)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_news_says_what_others_did_since(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    ticket, client, now = opened(), desk(cast.ana), timezone.now()
    seen = {
        "message": ticket.messages.latest("pk").pk,
        "event": ticket.events.latest("pk").pk,
        "since": int(now.timestamp() * 1000),
    }
    assert news(client, ticket, **seen) == ""
    conversation.customer_message(
        ticket=ticket, contact=ticket.requester, body="<b>Hm</b>", received_at=now, now=now
    )
    triage.set_priority(ticket=ticket, priority="urgent", actor=cast.ben, now=now)
    conversation.note(ticket=ticket, author=cast.ana, body="Mine.", now=now)
    told = news(client, ticket, **seen)
    assert "Carla Customer wrote" in told
    assert "Ben changed the priority: normal → urgent" in told
    assert "You added a note" in told
    assert "Hm" not in told


def test_much_news_is_cut(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    ticket, now = opened(), timezone.now()
    for _ in range(30):
        conversation.note(ticket=ticket, author=cast.ben, body="More.", now=now)
    told = news(desk(cast.ana), ticket, message=0, event=0, since=0)
    assert told.count("<li") == 5
    assert "and more" in told


def test_news_costs_the_same_for_3_and_30(
    cast: SimpleNamespace, desk: Desk, opened: Opener, django_assert_num_queries: Any
) -> None:
    ticket, client, now = opened(), desk(cast.ana), timezone.now()
    for count in (3, 27):
        for number in range(count):
            conversation.note(ticket=ticket, author=cast.ben, body="More.", now=now)
            priority = "high" if number % 2 else "low"
            triage.set_priority(ticket=ticket, priority=priority, actor=cast.ben, now=now)
        with django_assert_num_queries(5):
            news(client, ticket, message=0, event=0, since=0)


@pytest.mark.parametrize("odd", ["", "x", "-1", "9" * 30, "1.5", "\x00", "9" * 18])
def test_odd_marks_break_nothing(
    cast: SimpleNamespace, desk: Desk, opened: Opener, odd: str
) -> None:
    news(desk(cast.ana), opened(), message=odd, event=odd, since=odd)


def test_news_of_another_teams_ticket_is_not_there(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened(team=cast.billing)
    answer = desk(cast.ana).get(f"/tickets/{ticket.reference}/news/")
    assert answer.status_code == 404


def test_the_page_carries_what_it_shows(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    ticket = opened()
    conversation.note(ticket=ticket, author=cast.ben, body="Look.", now=timezone.now())
    newest = ticket.messages.latest("pk").pk
    page = desk(cast.ana).get(f"/tickets/{ticket.reference}/").content.decode()
    assert f'data-message="{newest}"' in page
    assert f'name="seen" value="{newest}"' in page
    later = page.split('hx-get="')[1:]
    (address,) = [each.split('"')[0] for each in later if "form=progress" in each]
    form = desk(cast.ana).get(address.replace("&amp;", "&"), headers={"HX-Request": "true"})
    assert f'name="seen" value="{newest}"' in form.content.decode()
    assert 'data-live="/live/stream/"' in page
    old = desk(cast.ana).get(f"/tickets/{ticket.reference}/?before={newest}").content.decode()
    assert 'data-message=""' in old


def test_an_hour_old_page_says_so_by_its_clock(cast: SimpleNamespace, desk: Desk) -> None:
    before = timezone.now() - timedelta(seconds=5)
    page = desk(cast.ana).get("/").content.decode()
    since = int(page.split('data-live-since="')[1].split('"')[0])
    assert before.timestamp() * 1000 < since < timezone.now().timestamp() * 1000
