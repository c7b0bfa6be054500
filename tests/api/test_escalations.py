"""Clocks and the chain of authority over REST."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from escalation.defaults import install_defaults
from escalation.models import Escalation
from escalation.raising import raise_next
from tickets.models import Ticket
from tickets.services import opening

A_DAY = timedelta(days=1)


@pytest.fixture
def late(cast: SimpleNamespace, now: datetime) -> Ticket:
    """A product question that nobody answered within its 24 hours; Sue has been told."""
    install_defaults(now=now)
    ticket = opening.open_ticket(
        subject="Lamp", body="It hums.", requester=cast.carl, channel="email", now=now,
        team=cast.support, assignee=cast.ana,
    )  # fmt: skip
    while raise_next(now + A_DAY + timedelta(seconds=1)):
        pass
    return ticket


def path(ticket: Ticket, rest: str) -> str:
    return f"/api/v1/tickets/{ticket.reference}/{rest}"


def of_breach(ticket: Ticket) -> Escalation:
    return Escalation.objects.get(ticket=ticket, trigger="breach")


def test_a_clock_comes_with_the_reason_for_its_deadline(
    api: Any, cast: SimpleNamespace, late: Ticket
) -> None:
    rows = api(cast.ana).get(path(late, "clocks/")).json()["results"]
    first = next(row for row in rows if row["metric"] == "first_reply")
    assert (first["state"], first["due_at"]) == ("breached", "2026-03-04T14:00:00Z")
    told = api(cast.ana).get(path(late, f"clocks/{first['id']}/")).json()["explanation"]
    assert any("Product questions" in line["text"] for line in told)
    assert sum(line["seconds"] or 0 for line in told if line["kind"] == "counted") == 86_400


def test_who_was_told_acknowledges_once_and_a_second_person_hears_who_did(
    api: Any, cast: SimpleNamespace, late: Ticket
) -> None:
    address = f"/api/v1/escalations/{of_breach(late).pk}/acknowledge/"
    answer = api(cast.sue).post(address)
    assert (answer.status_code, answer.json()["state"]) == (200, "acknowledged")
    assert answer.json()["acknowledged_by"]["username"] == "sue"
    second = api(cast.ada).post(address)
    assert second.status_code == 409
    assert "Sue" in second.json()["detail"]


def test_taking_over_and_handing_back_moves_the_ticket_and_refuses_a_second_time(
    api: Any, cast: SimpleNamespace, late: Ticket
) -> None:
    sue = api(cast.sue)
    assert sue.post(path(late, "take-over/"), {}).json()["assignee"]["username"] == "sue"
    assert sue.post(path(late, "take-over/"), {}).status_code == 409
    assert sue.post(path(late, "hand-back/"), {}).json() == {"note": ["This field is required."]}
    back = sue.post(path(late, "hand-back/"), {"note": "Please go on."})
    assert back.json()["assignee"]["username"] == "ana"
    assert sue.post(path(late, "hand-back/"), {"note": "Again."}).status_code == 409


def test_an_agent_hands_over_but_does_not_take_over(
    api: Any, cast: SimpleNamespace, late: Ticket
) -> None:
    ana = api(cast.ana)
    assert ana.post(path(late, "take-over/"), {}).status_code == 403
    handed = ana.post(path(late, "hand-over/"), {"reason": "He shouts at me."})
    assert (handed.status_code, handed.json()["trigger"]) == (200, "hand_over")
    assert ana.post(path(late, "hand-over/"), {"reason": "Once more."}).status_code == 409


@pytest.mark.parametrize(
    "rest", ["clocks/", "clocks/1/", "hand-over/", "take-over/", "hand-back/", "offers/", "grants/"]
)
def test_what_one_may_not_see_does_not_exist(
    api: Any, cast: SimpleNamespace, late: Ticket, rest: str
) -> None:
    stranger = api(cast.bo)
    call = stranger.post if rest.endswith(("over/", "back/")) else stranger.get
    said = {"reason": "x", "note": "x"} if call == stranger.post else {}
    assert call(path(late, rest), said).status_code == 404


def test_the_list_holds_what_one_may_see_and_costs_the_same_for_three_and_thirty(
    api: Any, cast: SimpleNamespace, late: Ticket, now: datetime,
    django_assert_num_queries: Callable[..., Any],
) -> None:  # fmt: skip
    assert api(cast.bo).get("/api/v1/escalations/").json()["results"] == []
    bo = api(cast.bo).post(f"/api/v1/escalations/{of_breach(late).pk}/acknowledge/")
    assert bo.status_code == 404
    sue = api(cast.sue)
    for count in (3, 30):
        for number in range(Escalation.objects.count(), count):
            Escalation.objects.create(
                ticket=late, trigger="flag", key=str(number), because="x", started_at=now
            )
        with django_assert_num_queries(4):
            rows = sue.get("/api/v1/escalations/?state=open").json()["results"]
        assert len(rows) >= count - 2
