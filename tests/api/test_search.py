"""Search over REST: the desk's own search, with 400 for what cannot be understood."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.desk.conftest import Opener, opened
from tickets.api import searching
from tickets.services import conversation

__all__ = ["opened"]  # the desk's fixture, shared
SEARCH = "/api/v1/search/"


def test_tickets_are_found_with_their_messages_and_where_the_words_stand(
    api: Any, cast: SimpleNamespace, opened: Opener
) -> None:
    ticket = opened(body="A <b>zeppelin</b>.", tags=["vip"])
    note = conversation.note(ticket=ticket, author=cast.ana, body="Zeppelin!", now=timezone.now())
    answer = api(cast.ana).get(SEARCH, {"q": "zeppelin tag:vip"}).json()
    (hit,) = answer["results"]
    assert hit["ticket"]["reference"] == ticket.reference
    assert hit["ticket"]["tags"] == ["vip"]
    assert {said["id"]: said["kind"] for said in hit["messages"]}[note.pk] == "note"
    assert {"text": "Zeppelin", "is_hit": True} in [
        piece for said in hit["messages"] for piece in said["excerpt"]
    ]
    assert (answer["is_complete"], answer["older"]) == (True, None)


def test_only_what_one_may_see_is_found(api: Any, cast: SimpleNamespace, opened: Opener) -> None:
    opened(body="A zeppelin.", team=cast.billing)
    for user, count in ((cast.ana, 0), (cast.max, 0), (cast.bo, 1), (cast.ada, 1)):
        assert len(api(user).get(SEARCH, {"q": "zeppelin"}).json()["results"]) == count


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "Say what to look for."),
        ({"q": " "}, "Say what to look for."),
        ({"q": "status:opn"}, "«opn» is not a status;"),
        ({"q": "nope:x"}, "«nope:» is not an operator."),
        ({"q": "from:"}, "«from:» needs its value"),
    ],
)
def test_what_cannot_be_understood_is_400_in_words(
    api: Any, cast: SimpleNamespace, asked: dict[str, str], said: str
) -> None:
    answer = api(cast.ana).get(SEARCH, asked)
    assert answer.status_code == 400
    assert said in " ".join(answer.json()["q"])


def test_a_place_that_was_not_made_here_leads_nowhere(api: Any, cast: SimpleNamespace) -> None:
    answer = api(cast.ana).get(SEARCH, {"q": "lamp", "older": "x"})
    assert (answer.status_code, list(answer.json())) == (404, ["detail"])


def test_older_leads_on_to_the_last_ticket(
    api: Any, cast: SimpleNamespace, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "LINES", 3)
    made = {opened(body="A zeppelin.").reference for _ in range(8)}
    client, seen, asked = api(cast.ana), set(), {"q": "zeppelin"}
    while asked:
        answer = client.get(SEARCH, asked).json()
        seen |= {hit["ticket"]["reference"] for hit in answer["results"]}
        assert answer["is_complete"] == (answer["older"] is None)
        asked = {"q": "zeppelin", "older": answer["older"]} if answer["older"] else {}
    assert seen == made


def test_it_asks_as_often_for_three_tickets_as_for_thirty(
    api: Any, cast: SimpleNamespace, opened: Opener
) -> None:
    client, counts = api(cast.ana), []
    for number in range(30):
        opened(body="A zeppelin.", tags=["vip"])
        if number in {2, 29}:
            with CaptureQueriesContext(connection) as queries:
                assert len(client.get(SEARCH, {"q": "zeppelin"}).json()["results"]) == number + 1
            counts.append(len(queries))
    assert counts[0] == counts[1] <= 18


def test_without_a_name_nothing_is_told(client: Any, db: None) -> None:
    assert client.get(SEARCH, {"q": "lamp"}).status_code == 401


def test_the_schema_says_what_can_be_asked_and_refused(api: Any, cast: SimpleNamespace) -> None:
    schema = api(cast.ana).get("/api/v1/schema/?format=json").json()
    operation = schema["paths"]["/api/v1/search/"]["get"]
    assert {"200", "400", "401", "404"} <= set(operation["responses"])
    asked = {each["name"]: each for each in operation["parameters"]}
    assert asked["q"]["required"]
    assert "status:" in asked["q"]["description"]
