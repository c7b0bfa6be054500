"""The admin refuses what its hours can never reach, and levels told in the wrong order."""

from datetime import datetime, time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from escalation import loading
from escalation.models import Calendar, OpeningHours, Path, Policy
from escalation.reaching import Delay, told_too_early
from tests.escalation.conftest import HOUR, path
from tests.escalation.conftest import policy as published
from tests.escalation.test_admin import admin, formset, policy, steps
from tests.escalation.test_endless import calendar, tiny

__all__ = ["admin", "tiny"]


def narrow(admin: Client, made: Calendar, closes: str) -> str:
    """Changes the closing of the calendar's only opening by the form."""
    row = {
        "id": made.hours.get().pk, "calendar": made.pk, "weekday": 0, "opens": "09:00",
        "closes": closes,
    }  # fmt: skip
    data: dict[str, Any] = {"name": made.name, "time_zone": "UTC", "hours-INITIAL_FORMS": 1}
    data = formset("hours", [row]) | formset("exceptions", []) | formset("versions", []) | data
    response = admin.post(reverse("admin:escalation_calendar_change", args=[made.pk]), data)
    return "" if response.status_code == 302 else response.content.decode()


def test_a_target_that_its_hours_never_reach_is_refused(admin: Client, tiny: Calendar) -> None:
    page = policy(admin, {"duration": "10000 h", "calendar": tiny.pk})
    assert "«Tiny» never adds up to 10000 h of open time" in page
    assert not Policy.objects.filter(name="Mine").exists()
    assert policy(admin, {"duration": "1 h", "calendar": tiny.pk}) == ""


@pytest.mark.parametrize(
    ("step", "refused"),
    [
        ({"delay": "10000 h"}, True),
        ({"repeats": 50, "every": "10 h"}, True),
        ({"repeats": 2, "every": "10000 h"}, True),
        ({"delay": "10 h", "repeats": 2, "every": "10 h"}, False),
    ],
)
def test_a_level_that_its_hours_never_reach_is_refused(
    admin: Client, tiny: Calendar, step: dict[str, Any], refused: bool
) -> None:
    page = steps(admin, {"who": "admins", "calendar": tiny.pk} | step)
    assert ("never adds up to" in page) is refused
    assert Path.objects.filter(name="Way").exists() is not refused


def test_hours_are_not_narrowed_under_what_they_must_reach(
    admin: Client, desk, now: datetime
) -> None:
    made = calendar(time(17), now)
    published("T", now, {"metric": "first_reply", "duration": 10000 * HOUR, "calendar": made})
    path("Way", now, {"who": "admins", "delay": 9000 * HOUR, "calendar": made})
    page = narrow(admin, made, "09:01")
    assert "no deadline any more for the first reply of «T», level 1 of «Way»" in page
    assert OpeningHours.objects.get(calendar=made).closes == time(17)
    assert narrow(admin, made, "16:00") == ""


def test_levels_in_different_hours_must_keep_their_order_whenever_a_climb_begins(
    admin: Client, desk
) -> None:
    office = Calendar.objects.get(name="Office hours")
    lower = {"who": "admins", "delay": "1 h", "calendar": office.pk}
    page = steps(admin, lower, {"who": "admins", "delay": "4 h"})
    assert "Level 2 would be told before level 1 in a climb that begins" in page
    assert "do not count the same hours" in page
    assert not Path.objects.filter(name="Way").exists()
    assert steps(admin, lower, {"who": "admins", "delay": "80 h"}) == ""


def test_a_level_that_only_looks_sooner_is_not_refused(admin: Client, desk) -> None:
    office = Calendar.objects.get(name="Office hours")
    higher = {"who": "admins", "delay": "9 h", "calendar": office.pk}
    assert steps(admin, {"who": "admins", "delay": "16 h"}, higher) == ""


def test_the_start_named_is_one_at_which_the_order_is_wrong(desk, now: datetime) -> None:
    config = loading.current()
    office = config.calendar(Calendar.objects.get(name="Office hours").pk)
    said = told_too_early([Delay(2, 4 * HOUR, None), Delay(1, HOUR, office)], now)
    # On this Tuesday what begins at 16:00 is told at 17:00; an hour later it waits for the morning.
    assert "begins Tue 3 Mar 2026 17:00 UTC" in said
