"""What is configured, said in sentences that one could read aloud."""

from datetime import datetime, time

import pytest
from django.test import Client
from django.urls import reverse

from escalation import sentences
from escalation.models import Calendar, OpeningHours, Path, Policy, Rule
from tests.escalation.conftest import HOUR, path


def test_each_default_schedule_says_which_tickets_it_is_for(desk) -> None:
    assert [sentences.fits(each) for each in Policy.objects.all()] == [
        "A ticket that needs a management decision",
        "A ticket that is a product question",
        "A ticket that is a problem",
        "A ticket that is a suggestion",
        "Every ticket that no other schedule fits",
    ]


def test_several_conditions_read_as_one_sentence(desk) -> None:
    made = Policy(name="Both", natures=["management", "problem"], channels=["phone"])
    made.save()
    assert sentences.fits(made) == (
        "A ticket that needs a management decision or is a problem, and came by Phone"
    )


def test_a_rule_says_what_it_waits_for(desk) -> None:
    said = sentences.does(Rule.objects.get(name="Management decisions at once"))
    assert said.startswith("When it needs a management decision: flag it for a person")


def test_a_path_says_whom_it_tells_and_how_often(desk, now: datetime) -> None:
    assert sentences.climbs(Path.objects.get(name="Large orders")) == (
        "At once: every executive, once more after 2 h; after 4 h: the administrators."
    )
    thrice = path("Thrice", now, {"who": "admins", "repeats": 3, "every": HOUR})
    assert sentences.climbs(thrice) == "At once: the administrators, 3 times more, every 1 h."


def hours(*rows: tuple[int, int, int]) -> str:
    made = Calendar.objects.create(name="Ours", time_zone="UTC")
    for day, opens, closes in rows:
        OpeningHours.objects.create(
            calendar=made, weekday=day, opens=time(opens), closes=time(closes)
        )
    return sentences.opens(made)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(day, 0, 0) for day in range(7)], "always open, day and night"),
        ([(day, 9, 17) for day in range(5)], "Monday to Friday 09:00–17:00"),
        ([(day, 0, 0) for day in range(5)], "Monday to Friday 00:00–24:00"),
        (
            [(0, 9, 12), (0, 13, 17), (1, 9, 12), (1, 13, 17), (3, 22, 6)],
            "Monday and Tuesday 09:00–12:00 and 13:00–17:00; Thursday 22:00–06:00",
        ),
        ([(6, 10, 0)], "Sunday 10:00–24:00"),
        ([], "never open"),
    ],
)
def test_opening_hours_are_told_day_by_day_only_where_they_differ(
    db: None, rows: list[tuple[int, int, int]], said: str
) -> None:
    assert hours(*rows) == said


def test_the_admin_bears_the_products_name(desk, client: Client) -> None:
    client.force_login(desk.ada)
    page = client.get(reverse("admin:index")).content.decode()
    assert "Django" not in page.partition("<body")[2]
    assert "Helpdesk administration" in page
    calendars = client.get(reverse("admin:escalation_calendar_changelist")).content.decode()
    assert "always open, day and night" in calendars
