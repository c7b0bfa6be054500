"""A schedule that takes all of another's tickets before it is asked: said on saving and in the list."""

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from escalation import loading, publishing
from escalation.models import Policy
from escalation.shadowing import shadows
from tests.escalation.conftest import policy as published
from tests.escalation.test_admin import policy as saved
from tickets.people.models import Tier


@pytest.fixture
def admin(desk, client: Client) -> Client:
    client.force_login(desk.ada)
    return client


def listed(admin: Client) -> str:
    return admin.get(reverse("admin:escalation_policy_changelist")).content.decode()


def test_the_defaults_stand_in_nobodys_shadow(admin: Client) -> None:
    assert "Never asked" not in listed(admin)


def test_a_schedule_without_conditions_warns_of_all_that_come_after(admin: Client) -> None:
    assert saved(admin, {"duration": "1 h"}, order=5) == ""
    page = listed(admin)
    assert (
        "«Mine» fits every ticket of these schedules and is asked before them: Management "
        "decisions, Product questions, Problems, Suggestions, Everything else." in page
    )
    assert page.count("Never asked: «Mine» comes before and fits the same tickets") == 5


def test_one_between_others_shadows_only_what_comes_after(admin: Client) -> None:
    assert saved(admin, {"duration": "1 h"}, order=35) == ""
    page = listed(admin)
    assert page.count("Never asked") == 2
    assert "asked before them: Suggestions, Everything else." in page


def test_a_schedule_saved_into_a_shadow_is_told_so(admin: Client, now: datetime) -> None:
    assert (
        saved(admin, {"duration": "1 h"}, order=25, natures=["question"], channels=["form"]) == ""
    )
    assert "«Product questions» comes before «Mine» and fits all of its tickets" in listed(admin)


@pytest.mark.parametrize(
    ("first", "second", "shadowed"),
    [
        ({"natures": ["question", "problem"]}, {"natures": ["problem"]}, True),
        ({"natures": ["problem"]}, {"natures": ["question", "problem"]}, False),
        ({"natures": ["problem"]}, {}, False),
        ({"natures": ["problem"]}, {"channels": ["form"]}, False),
        ({"natures": ["problem"], "active": False}, {"natures": ["problem"]}, False),
        ({"channels": ["form"]}, {"channels": ["form"], "priorities": ["urgent"]}, True),
    ],
)
def test_the_shadow_falls_where_every_condition_of_the_first_is_one_of_the_second(
    admin: Client, now: datetime, first: dict, second: dict, shadowed: bool
) -> None:
    published("First", now, order=1, **first)
    behind = published("Second", now, order=2, **second)
    found = shadows(loading.current().candidates).get(behind.pk)
    assert (found.name if found else "") == ("First" if shadowed else "")


def test_conditions_by_row_cast_shadows_too(admin: Client, desk, now: datetime) -> None:
    for order, name in enumerate(("First", "Second")):
        made = Policy.objects.create(name=name, order=order)
        made.tiers.set(Tier.objects.all())
        publishing.publish_policy(policy=made, now=now)
    assert "Never asked: «First»" in listed(admin)
