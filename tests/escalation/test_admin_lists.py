"""The lists of the configuration cost the same however many rows they show."""

from collections.abc import Callable
from datetime import datetime, time
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from escalation.models import (
    Action,
    Calendar,
    CalendarException,
    Condition,
    OpeningHours,
    Path,
    Rule,
)
from tests.escalation.conftest import HOUR, path, policy

Cast = SimpleNamespace


def schedules(cast: Cast, number: int, now: datetime) -> None:
    office, late = Calendar.objects.get(name="Office hours"), Path.objects.get(name="Late answers")
    target = {"metric": "first_reply", "duration": HOUR, "calendar": office, "path": late}
    made = policy(f"Schedule {number}", now, target, order=50)
    made.teams.add(cast.support)
    made.categories.add(cast.question)


def paths(cast: Cast, number: int, now: datetime) -> None:
    last = path(f"Last {number}", now, {"who": "role", "role": "executive"})
    second = path(f"On {number}", now, {"who": "person", "person": cast.ana}, continues_with=last)
    path(f"Path {number}", now, {"who": "person", "person": cast.ben}, continues_with=second)


def rules(cast: Cast, number: int, now: datetime) -> None:
    made = Rule.objects.create(name=f"Rule {number}")
    for fields in ({"kind": "team", "team": cast.support}, {"kind": "tier", "tier": cast.gold}):
        Condition.objects.create(rule=made, **fields)
    Condition.objects.create(rule=made, kind="contact", contact=cast.carl)
    Action.objects.create(rule=made, kind="assign_team", team=cast.billing)
    Action.objects.create(rule=made, kind="involve", person=cast.eve)


def calendars(cast: Cast, number: int, now: datetime) -> None:
    made = Calendar.objects.create(name=f"Calendar {number}", time_zone="UTC")
    OpeningHours.objects.create(calendar=made, weekday=0, opens=time(9), closes=time(17))
    for day in (24, 25):
        CalendarException.objects.create(calendar=made, date=f"2026-12-{day}")


@pytest.mark.parametrize(
    ("model", "make", "says"),
    [
        ("policy", schedules, "of team Support"),
        ("path", paths, "At once: Ben; right after level 1: Ana; right after level 2: every"),
        ("rule", rules, "move it to the team «Billing», put it before «Eve»"),
        ("calendar", calendars, "Monday 09:00–17:00"),
    ],
)
def test_a_list_costs_the_same_for_3_and_for_30_rows(
    desk, client: Client, now: datetime, model: str, make: Callable[..., None], says: str
) -> None:
    client.force_login(desk.ada)
    address = reverse(f"admin:escalation_{model}_changelist")

    def queries(first: int, end: int) -> int:
        for number in range(first, end):
            make(desk, number, now)
        client.get(address)  # what a new configuration has everybody read anew
        with CaptureQueriesContext(
            connection,
        ) as seen:
            page = client.get(address).content.decode()
        assert page.count(says) >= end
        return len(seen)

    assert queries(0, 3) == queries(3, 30)
