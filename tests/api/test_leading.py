"""Absences and the workload over REST: the same doors as the pages."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from tests.factories import ticket
from tests.routing.conftest import out
from tickets.people.models import Absence, Membership, User

DAY = timedelta(days=1)


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_an_absence_is_planned_listed_and_ended(cast: SimpleNamespace) -> None:
    now, client = timezone.now(), client_of(cast.sue)
    said = {
        "user": cast.ana.pk, "starts_at": now.isoformat(), "ends_at": (now + DAY).isoformat(),
        "deputy": cast.ben.pk, "note": "Dentist",
    }  # fmt: skip
    answer = client.post("/api/v1/absences/", said)
    assert answer.status_code == 201, answer.json()
    row = Absence.objects.get()
    assert (row.user, row.deputy, row.note) == (cast.ana, cast.ben, "Dentist")
    (listed,) = client_of(cast.ben).get("/api/v1/absences/").json()["results"]
    assert listed["user"]["username"] == "ana"
    assert client.delete(f"/api/v1/absences/{row.pk}/").status_code == 204
    assert client.get("/api/v1/absences/").json()["results"] == []


def test_nobody_plans_or_ends_what_is_not_theirs_to_say(cast: SimpleNamespace) -> None:
    now = timezone.now()
    row = out(cast.ana, now)
    said = {"user": cast.ana.pk, "starts_at": now + DAY, "ends_at": now + 2 * DAY}
    assert client_of(cast.ben).post("/api/v1/absences/", said).status_code == 403
    assert client_of(cast.ben).delete(f"/api/v1/absences/{row.pk}/").status_code == 403
    assert client_of(cast.bo).delete(f"/api/v1/absences/{row.pk}/").status_code == 404
    assert client_of(cast.bo).get("/api/v1/absences/").json()["results"] == []


def test_a_refusal_names_the_field(cast: SimpleNamespace) -> None:
    now = timezone.now()
    said = {"user": cast.ana.pk, "starts_at": now + DAY, "ends_at": now}
    answer = client_of(cast.ana).post("/api/v1/absences/", said)
    assert answer.status_code == 400
    assert answer.json() == {"ends_at": ["The end must come after the beginning."]}


def test_the_workload_is_for_those_who_lead(cast: SimpleNamespace) -> None:
    now = timezone.now()
    ticket(cast, now, assignee=cast.ana)
    out(cast.ana, now)
    (team,) = client_of(cast.sue).get("/api/v1/workload/").json()
    ana = next(each for each in team["people"] if each["person"]["username"] == "ana")
    assert (team["team"]["name"], team["assignment"], team["open"]) == ("Support", "none", 1)
    assert (ana["open"], ana["needs_hands"], ana["on_a_call"]) == (1, True, False)
    assert client_of(cast.sue).get(f"/api/v1/workload/?team={cast.billing.pk}").json() == []
    assert client_of(cast.sue).get("/api/v1/workload/?team=x").status_code == 400
    for person in (cast.ana, cast.eve, cast.max):
        assert client_of(person).get("/api/v1/workload/").status_code == 403


@pytest.mark.parametrize("address", ["/api/v1/workload/", "/api/v1/absences/"])
def test_as_many_queries_for_thirty_as_for_three(cast: SimpleNamespace, address: str) -> None:
    counts = []
    for number in range(30):
        person = User.objects.create(username=f"p{number}")
        Membership.objects.create(user=person, team=cast.support)
        out(person, timezone.now(), deputy=cast.ben)
        if number in (2, 29):
            with CaptureQueriesContext(connection) as captured:
                client_of(cast.sue).get(address)
            counts.append(len(captured))
    assert counts[0] == counts[1]
