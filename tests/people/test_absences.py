"""Out of office: who may say so, what is refused, and where colleagues see it."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.desk.conftest import opened as opened
from tests.factories import at_once
from tickets.access import NotAllowed
from tickets.errors import Invalid
from tickets.people.models import Absence, User
from tickets.services import absences

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def plan(person: User, now: datetime, actor: User | None = None, **fields: Any) -> Absence:
    given = {"starts_at": now, "ends_at": now + DAY}
    return absences.plan(person=person, actor=actor or person, now=now, **given | fields)


@pytest.mark.parametrize(
    ("actor", "may"),
    [("ana", True), ("sue", True), ("ada", True), ("ben", False), ("stan", False), ("eve", False)],
)
def test_the_person_who_leads_them_and_admins_say_it(
    cast: SimpleNamespace, now: datetime, actor: str, may: bool
) -> None:
    if may:
        assert plan(cast.ana, now, getattr(cast, actor)).user == cast.ana
    else:
        with pytest.raises(NotAllowed, match="Only Ana, who leads them, or an admin"):
            plan(cast.ana, now, getattr(cast, actor))


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"ends_at": timedelta(0)}, "ends_at", "after the beginning"),
        ({"starts_at": -2 * DAY, "ends_at": -DAY}, "ends_at", "over already"),
        ({"ends_at": 400 * DAY}, "ends_at", "more than a year"),
        ({"deputy": "ana"}, "deputy", "stands in for themselves"),
        ({"deputy": "ben"}, "deputy", "does not work here any more"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(
    cast: SimpleNamespace, now: datetime, fields: dict[str, Any], field: str, words: str
) -> None:
    User.objects.filter(pk=cast.ben.pk).update(is_active=False)
    cast.ben.refresh_from_db()
    given = {
        name: getattr(cast, value) if isinstance(value, str) else now + value
        for name, value in fields.items()
    }
    with pytest.raises(Invalid, match=words) as refused:
        plan(cast.ana, now, **given)
    assert refused.value.field == field


def test_two_absences_of_one_person_never_overlap(cast: SimpleNamespace, now: datetime) -> None:
    plan(cast.ana, now)
    with pytest.raises(Invalid, match="out during some of this already"):
        plan(cast.ana, now + HOUR)
    plan(cast.ana, now, starts_at=now + DAY, ends_at=now + 2 * DAY)


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_nor_where_both_are_planned_at_once(cast: SimpleNamespace, now: datetime) -> None:
    outcomes = at_once(*[lambda: plan(cast.ana, now) for _ in range(4)])
    assert sum(isinstance(each, Absence) for each in outcomes) == 1
    assert sum(isinstance(each, Invalid) for each in outcomes) == 3


def test_it_ends_early_or_never_was(cast: SimpleNamespace, now: datetime) -> None:
    begun, coming = plan(cast.ana, now), plan(cast.ben, now, starts_at=now + HOUR)
    for each in (begun, coming):
        absences.end(absence=each, actor=cast.sue, now=now + HOUR / 2)
    assert Absence.objects.get() == begun
    assert not Absence.objects.at(now + HOUR / 2).exists()
    with pytest.raises(NotAllowed):
        absences.end(absence=begun, actor=cast.stan, now=now)


@pytest.fixture
def desk(db: None) -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


def test_the_page_plans_and_ends_in_the_readers_zone(
    cast: SimpleNamespace, desk: Callable[[User], Client]
) -> None:
    User.objects.filter(pk=cast.sue.pk).update(time_zone="America/New_York")
    client = desk(User.objects.get(pk=cast.sue.pk))
    day = (timezone.now() + 3 * DAY).date()
    said = {
        "person": cast.ana.pk, "starts_at": f"{day}T09:00", "ends_at": f"{day}T17:30",
        "deputy": cast.ben.pk, "note": "At the dentist's",
    }  # fmt: skip
    assert client.post("/absences/", said).status_code == 302
    row = Absence.objects.get()
    assert (row.user, row.deputy, row.note) == (cast.ana, cast.ben, "At the dentist's")
    assert row.ends_at - row.starts_at == 8.5 * HOUR
    assert f"{row.ends_at.astimezone(cast.ana.zone):%H}" in {"21", "22"}
    page = client.get("/absences/").content.decode()
    assert "17:30" in page
    assert "Cancel" in page
    client.post(f"/absences/{row.pk}/end/")
    assert not Absence.objects.exists()


@pytest.mark.parametrize(
    ("parts", "is_warned"),
    [
        ([(0, 5)], True), ([(0, 2), (2, 4)], True), ([(1, 3)], True), ([(0, 2), (3, 5)], False),
        ([(2, 5)], False), ([], False),
    ],
)  # fmt: skip
def test_who_names_a_deputy_who_is_out_all_that_time_is_warned(
    cast: SimpleNamespace,
    desk: Callable[[User], Client],
    parts: list[tuple[int, int]],
    is_warned: bool,
) -> None:
    day = timezone.now().replace(minute=0, second=0, microsecond=0) + DAY
    for first, last in parts:
        plan(cast.ben, day, starts_at=day + first * DAY, ends_at=day + last * DAY)
    local = [f"{timezone.localtime(day + each * DAY):%Y-%m-%dT%H:%M}" for each in (1, 3)]
    said = {
        "person": cast.ana.pk,
        "starts_at": local[0],
        "ends_at": local[1],
        "deputy": cast.ben.pk,
    }
    answer = desk(cast.ana).post("/absences/", said, follow=True)
    lines = [(each.level_tag, str(each)) for each in answer.context["messages"]]
    assert ("success", "Ana is out of office in that time.") in lines
    warned = [line for level, line in lines if level == "warning"]
    assert bool(warned) is is_warned
    assert all(each.startswith("Ben, who is to stand in, is out until ") for each in warned)


@pytest.mark.parametrize(
    "said",
    [
        {}, {"person": "999"}, {"person": "x", "starts_at": "٢٠٢٦-01-01T10:00"},
        {"starts_at": "0001-01-01T00:00", "ends_at": "9999-12-31T23:59"}, {"note": "x" * 500},
        {"deputy": "0"},
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_a_word_at_the_field(
    cast: SimpleNamespace, desk: Callable[[User], Client], said: dict[str, str]
) -> None:
    good = {"person": cast.ana.pk, "starts_at": "2199-01-01T09:00", "ends_at": "2199-01-02T09:00"}
    answer = desk(cast.ana).post("/absences/", (good if said else {}) | said)
    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert not Absence.objects.exists()


def test_nobody_says_it_of_others_by_the_form_either(
    cast: SimpleNamespace, desk: Callable[[User], Client], now: datetime
) -> None:
    said = {"person": cast.ben.pk, "starts_at": "2199-01-01T09:00", "ends_at": "2199-01-02T09:00"}
    assert desk(cast.ana).post("/absences/", said).status_code == 422
    absence = plan(cast.ben, timezone.now())
    assert desk(cast.ana).post(f"/absences/{absence.pk}/end/").status_code == 403
    assert desk(cast.bo).post(f"/absences/{absence.pk}/end/").status_code == 404


def test_the_page_asks_no_more_for_thirty_than_for_three(
    cast: SimpleNamespace, desk: Callable[[User], Client]
) -> None:
    now, client, counts = timezone.now(), desk(cast.ada), []
    people = [User.objects.create(username=f"p{number}") for number in range(30)]
    for some in (people[:3], people[3:]):
        for person in some:
            plan(person, now, deputy=cast.ben)
        with CaptureQueriesContext(connection) as captured:
            client.get("/absences/")
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_desk_says_it_beside_the_name(
    cast: SimpleNamespace, desk: Callable[[User], Client], opened: Callable[..., Any]
) -> None:
    ticket = opened(assignee=cast.ben)
    now = timezone.now()
    plan(cast.ben, now, ends_at=now + 3 * DAY)
    client = desk(cast.ana)
    assert "Ben (out until " in client.get(f"/tickets/{ticket.reference}/").content.decode()
    row = client.get("/").content.decode()
    assert re.search(r'<bdi>Ben</bdi> <span class="nowrap">\(out until [A-Z][a-z]{2} \d', row)


def test_a_mention_warns(
    cast: SimpleNamespace, desk: Callable[[User], Client], opened: Callable[..., Any]
) -> None:
    ticket = opened()
    plan(cast.ben, timezone.now(), deputy=cast.sue)
    answer = desk(cast.ana).post(
        f"/tickets/{ticket.reference}/note/", {"body": "@ben look"}, follow=True
    )
    told = " ".join(str(each) for each in answer.context["messages"])
    assert "Ben is out until" in told
    assert "Sue stands in." in told
