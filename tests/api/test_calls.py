"""Calls for programs: the same rules as at the desk, each refusal with its code."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from tests.factories import ticket as opened
from tickets.calls import services
from tickets.calls.models import Call, Callback
from tickets.models import Ticket
from tickets.services import triage

CALLS = "/api/v1/calls/"


@pytest.fixture
def ticket(cast: SimpleNamespace) -> Ticket:
    return opened(cast, timezone.now())


@pytest.fixture
def begun(api: Any, cast: SimpleNamespace, ticket: Ticket) -> dict[str, Any]:
    answer = api(cast.ana).post(CALLS, {"direction": "outbound", "ticket": ticket.reference})
    assert answer.status_code == 201
    row: dict[str, Any] = answer.json()
    return row


def test_a_call_from_its_beginning_to_its_end(
    api: Any, cast: SimpleNamespace, ticket: Ticket, begun: dict[str, Any]
) -> None:
    base = f"{CALLS}{begun['id']}/"
    assert (begun["ended_at"], begun["outcome"], begun["contact"]["name"]) == (
        None, "", "Carla Customer",
    )  # fmt: skip
    ana = api(cast.ana)
    held = ana.post(f"{base}hold/", {"seconds": 45}).json()
    assert [each["ended_at"] for each in held["holds"]] == [None]
    assert ana.post(f"{base}hold/", {}).status_code == 409
    assert ana.post(f"{base}resume/").json()["holds"][0]["ended_at"]
    assert ana.post(f"{base}resume/").status_code == 409
    due = (timezone.now() + timedelta(hours=2)).isoformat()
    said = {"outcome": "reached", "summary": "Well.", "promise": {"due_at": due, "because": "x"}}
    done = ana.post(f"{base}finish/", said)
    assert (done.status_code, done.json()["outcome"]) == (200, "reached")
    assert ana.post(f"{base}finish/", said).status_code == 409
    assert ticket.events.filter(kind="call_reached").count() == 1
    [owed] = ana.get("/api/v1/callbacks/").json()["results"]
    assert (owed["ticket"], owed["because"]) == (ticket.reference, "x")


def test_a_second_call_of_ones_own_is_a_conflict(
    api: Any, cast: SimpleNamespace, begun: dict[str, Any]
) -> None:
    answer = api(cast.ana).post(CALLS, {"direction": "inbound"})
    assert answer.status_code == 409
    assert "finish it first" in answer.json()["detail"]


def test_an_unknown_caller_is_attached_to_a_ticket(
    api: Any, cast: SimpleNamespace, ticket: Ticket
) -> None:
    ana = api(cast.ana)
    row = ana.post(CALLS, {"direction": "inbound", "number": "+1 555 0100"}).json()
    assert (row["ticket"], row["contact"], row["number"]) == (None, None, "+15550100")
    answer = ana.post(f"{CALLS}{row['id']}/attach/", {"ticket": ticket.reference})
    assert answer.json()["ticket"] == ticket.reference
    wrong = ana.post(f"{CALLS}{row['id']}/finish/", {"outcome": "wrong"})
    assert (wrong.status_code, [*wrong.json()]) == (400, ["outcome"])


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, 400),
        ({"direction": "sideways"}, 400),
        ({"direction": "inbound", "number": "abc"}, 400),
        ({"direction": "inbound", "contact": 999999}, 400),
        ({"direction": "inbound", "ticket": "HD-222222"}, 404),
        ({"direction": "outbound", "callback": 7}, 400),
    ],
    ids=str,
)
def test_nonsense_begins_nothing(
    api: Any, cast: SimpleNamespace, said: dict[str, Any], code: int
) -> None:
    assert api(cast.ana).post(CALLS, said).status_code == code
    assert not Call.objects.exists()


def test_nobody_acts_on_anothers_call_and_strangers_do_not_see_it(
    api: Any, cast: SimpleNamespace, begun: dict[str, Any]
) -> None:
    base = f"{CALLS}{begun['id']}/"
    for deed in ("hold", "resume", "attach", "finish"):
        said = {"ticket": begun["ticket"], "outcome": "reached"}
        for person in (cast.ben, cast.bo, cast.sue):
            assert api(person).post(f"{base}{deed}/", said).status_code == 404
    assert api(cast.ben).get(base).status_code == 200
    assert api(cast.bo).get(base).status_code == 404
    assert api(cast.bo).get(CALLS).json()["results"] == []
    assert Call.objects.get().is_under_way


def test_executives_and_experts_take_no_calls(
    api: Any, cast: SimpleNamespace, ticket: Ticket
) -> None:
    for person in (cast.eve, cast.max):
        assert api(person).post(CALLS, {"direction": "inbound"}).status_code == 403
        said = {"direction": "outbound", "ticket": ticket.reference}
        assert api(person).post(CALLS, said).status_code == 404
    triage.follow(ticket=ticket, user=cast.max, actor=cast.ana, now=timezone.now())
    assert api(cast.max).post(CALLS, said).status_code == 403


def test_calls_are_found_by_ticket_customer_person_and_whether_they_last(
    api: Any, cast: SimpleNamespace, begun: dict[str, Any]
) -> None:
    def found(**filters: Any) -> int:
        answer = api(cast.ben).get(CALLS, filters)
        assert answer.status_code == 200
        return len(answer.json()["results"])

    assert found(ticket=begun["ticket"].lower()) == found(agent="ana") == 1
    assert found(contact=cast.carla.pk) == found(under_way="true") == 1
    assert found(under_way="false") == found(ticket="nonsense") == found(agent="ben") == 0


def test_a_promise_is_withdrawn_once_by_who_may_call(
    api: Any, cast: SimpleNamespace, ticket: Ticket
) -> None:
    owed = services.promise_callback(
        ticket=ticket, due_at=None, actor=None, because="x", now=timezone.now()
    )
    address = f"/api/v1/callbacks/{owed.pk}/withdraw/"
    assert api(cast.bo).post(address, {}).status_code == 404
    triage.follow(ticket=ticket, user=cast.max, actor=cast.ana, now=timezone.now())
    assert api(cast.max).post(address, {}).status_code == 403
    assert api(cast.ana).post(address, {"because": "She wrote."}).status_code == 200
    assert api(cast.ana).post(address, {}).status_code == 409
    assert Callback.objects.get().state == "withdrawn"


def test_thirty_calls_and_promises_cost_no_more_queries_than_three(
    api: Any, cast: SimpleNamespace, ticket: Ticket, django_assert_num_queries: Callable[..., Any]
) -> None:
    now, ana = timezone.now(), api(cast.ana)
    for count in (3, 30):
        for _ in range(Call.objects.count(), count):
            services.promise_callback(
                ticket=ticket, due_at=None, actor=cast.ana, because="x", now=now
            )
            services.log_call(
                ticket=ticket, contact=None, direction="inbound", outcome="reached",
                started_at=now - timedelta(minutes=2), ended_at=now, summary="", actor=cast.ana,
                now=now, holds=[services.HoldSpan(now - timedelta(minutes=1), now)],
            )  # fmt: skip
        for path, queries in ((CALLS, 3), ("/api/v1/callbacks/", 2)):
            with django_assert_num_queries(queries):
                assert len(ana.get(path).json()["results"]) == count
