"""The queue's own filter by words: it finds in a view what the search finds everywhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from tests.desk.conftest import Opener, due
from tests.searching.conftest import Finder
from tickets.models import SavedView, Ticket
from tickets.searching import engine, listing
from tickets.services import conversation, triage

SAID = [
    "flickers", "FLICKERS", "flick*", '"lamp flickers"', '"flickers lamp"', "lamp cable", "lamp -cable",
    "from:acme", "from:carl", "to:me", "to:none", "status:open", "status:solved", "priority:urgent",
    "tag:vip", "-tag:vip", "is:late", "opened:7d lamp", "has:note", "cable carla", "+49 30 12",
    "carla@acme.example", "team:support is:unassigned", "priority:low,normal lamp", "zeppelin", "is:done,late",
]  # fmt: skip


@pytest.fixture
def several(cast: SimpleNamespace, opened: Opener) -> list[Ticket]:
    """Of each kind one; what is said in a note, in a message and in a subject."""
    now = timezone.now()
    type(cast.carla).objects.filter(pk=cast.carla.pk).update(phone="+49301234")
    made = [
        opened(subject="The lamp flickers", tags=["vip"]),
        opened(subject="A cable", body="My lamp has none.", requester=cast.carl, priority="urgent"),
        opened(subject="Where is it?", assignee=cast.ana),
        opened(subject="Done with lamps", body="The lamp is dark.", assignee=cast.ben),
    ]
    conversation.note(ticket=made[2], author=cast.ben, body="Her lamp, I guess.", now=now)
    triage.set_status(ticket=made[3], status="solved", actor=cast.ben, now=now)
    due(made[0], now - timedelta(hours=1), is_late=True)
    return made


@pytest.fixture
def ana(cast: SimpleNamespace) -> Client:
    client = Client()
    client.force_login(cast.ana)
    return client


def queued(client: Client, **query: str) -> list[str]:
    return [row.subject for row in client.get("/", query).context["rows"]]


@pytest.mark.parametrize("said", SAID)
def test_the_queue_finds_what_the_search_finds(
    cast: SimpleNamespace, several: list[Ticket], ana: Client, found: Finder, said: str
) -> None:
    assert sorted(queued(ana, tab="all", q=said)) == sorted(found(cast.ana, said))


@pytest.mark.parametrize("said", ["nonsense:x", "status:half", "to:nobodyhere", "tag:", "!!!"])
def test_what_the_search_does_not_understand_shows_nothing_and_says_why(
    cast: SimpleNamespace, several: list[Ticket], ana: Client, said: str
) -> None:
    answer = ana.get("/", {"tab": "all", "q": said})
    told = answer.content.decode()
    assert answer.context["rows"] == []
    assert "A filter cannot be used, so no ticket is shown" in told
    assert "aria-invalid" in told
    assert answer.context["wrong"][0].startswith("Search: ")


@pytest.mark.parametrize("spelt", ["{}", "hd{}", "HD {}", "#hd-{}", "hd:{}"])
def test_a_reference_however_it_is_spelt_means_its_ticket(
    cast: SimpleNamespace, several: list[Ticket], ana: Client, spelt: str
) -> None:
    said = spelt.format(several[0].reference.removeprefix("HD-").lower())
    assert queued(ana, tab="all", q=said) == ["The lamp flickers"]
    assert queued(ana, tab="mine", q=said) == []


def test_it_stays_within_the_view_and_its_other_filters(
    cast: SimpleNamespace, several: list[Ticket], ana: Client
) -> None:
    assert queued(ana, tab="mine", q="lamp") == ["Where is it?"]
    assert queued(ana, tab="next", q="lamp", priority="urgent") == ["A cable"]
    assert "Done with lamps" not in queued(ana, tab="next", q="lamp")


def test_it_keeps_the_order_of_the_view(several: list[Ticket], ana: Client) -> None:
    newest = queued(ana, tab="all", q="lamp", sort="opened")
    assert queued(ana, tab="all", q="lamp", sort="oldest") == newest[::-1]
    assert len(newest) == 4


def test_one_walks_on_within_what_the_words_left(several: list[Ticket], ana: Client) -> None:
    page = ana.get("/", {"tab": "next", "q": "lamp -cable"}).context["rows"]
    answer = ana.get(f"/tickets/{several[0].reference}/queue/?from=tab%3Dnext%26q%3Dlamp+-cable")
    assert [stop.subject for stop in answer.context["stops"]] == [row.subject for row in page]


def test_a_saved_view_keeps_its_operators(
    cast: SimpleNamespace, several: list[Ticket], ana: Client
) -> None:
    view = SavedView.objects.create(owner=cast.ana, name="Hers", query="tab=all&q=from%3Aacme+lamp")
    rows = ana.get("/", {"view": view.pk}, follow=True).context["rows"]
    assert len(rows) == 3


def test_where_the_words_stand_too_often_the_newest_are_shown_and_it_is_said(
    several: list[Ticket], ana: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "too many places" not in ana.get("/?tab=all&q=lamp").content.decode()
    monkeypatch.setattr(listing, "MOST", 1)
    assert "too many places" in ana.get("/?tab=all&q=lamp").content.decode()
    assert len(queued(ana, tab="all", q="lamp")) == 1
    assert len(queued(ana, tab="all", q="opened:7d")) == 4


def test_another_way_to_ask_keeps_the_view(several: list[Ticket], ana: Client) -> None:
    told = ana.get("/?tab=mine&q=zepp&priority=urgent").content.decode()
    assert (
        'Try <a href="/?tab=mine&amp;q=zepp%2A&amp;priority=urgent"><bdi>zepp*</bdi></a>.' in told
    )


def test_what_takes_too_long_is_given_up_and_said(
    several: list[Ticket], ana: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def never() -> Iterator[None]:
        yield
        raise engine.TooLong

    monkeypatch.setattr(engine, "in_time", never)
    answer = ana.get("/?tab=all&q=-lamp")
    assert "This takes too long." in answer.content.decode()
    assert answer.context["rows"] == []
    assert ana.get("/?tab=all").context["rows"]
    stops = ana.get(f"/tickets/{several[0].reference}/queue/?from=tab%3Dall%26q%3D-lamp")
    assert len(stops.context["stops"]) == 1


def test_a_view_without_words_asks_the_database_no_more_than_before(
    several: list[Ticket], ana: Client, django_assert_max_num_queries: Callable[..., object]
) -> None:
    with django_assert_max_num_queries(9):  # type: ignore[attr-defined]
        ana.get("/?tab=next")
