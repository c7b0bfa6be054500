"""Sharing out in the admin: what is refused says why, what is saved says what it does."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from escalation.models import Calendar, TeamHours
from tests.routing.conftest import out
from tests.routing.conftest import way as share_out
from tickets.people.models import Skill, Team
from tickets.routing.models import Need, Waiting
from tickets.routing.sentences import does


@pytest.fixture
def admin(cast: SimpleNamespace) -> Client:
    client = Client()
    client.force_login(cast.ada)
    return client


def saved(client: Client, team: Team, **fields: Any) -> Any:
    """The page after the team's form was saved with these fields."""
    empty = {f"memberships-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL", "MIN_NUM", "MAX_NUM")}
    given = {"name": team.name, "assignment": "none", "is_default": "on", "most_open": ""} | empty
    return client.post(
        reverse("admin:people_team_change", args=[team.pk]), given | fields, follow=True
    )


def test_a_team_is_told_in_a_sentence_what_its_setting_does(
    cast: SimpleNamespace, admin: Client
) -> None:
    saved(admin, cast.support, assignment="skill", most_open="12")
    cast.support.refresh_from_db()
    sentence = (
        "A ticket goes to whoever has the skill it needs and the fewest open tickets, up to 12 "
        "open ones each; to nobody where nobody at work has a needed skill."
    )
    assert does(cast.support) == sentence
    assert sentence in admin.get(reverse("admin:people_team_changelist")).content.decode()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("0", "With 0 nobody of the team would be given any ticket"),
        ("-1", "greater than or equal to 0"),
        ("٥", "only looks like a digit"),
        ("many", "Enter a whole number"),
        ("1001", "less than or equal to 1000"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused_with_a_reason(
    cast: SimpleNamespace, admin: Client, typed: str, words: str
) -> None:
    answer = saved(admin, cast.support, assignment="round_robin", most_open=typed)
    assert words in answer.content.decode()
    cast.support.refresh_from_db()
    assert (cast.support.assignment, cast.support.most_open) == ("none", None)


def test_a_team_with_nobody_to_share_out_to_is_said_at_once(
    cast: SimpleNamespace, admin: Client
) -> None:
    cast.support.memberships.filter(leads=False).delete()
    shown = saved(admin, cast.support, assignment="round_robin").content.decode()
    assert "Support has nobody yet who takes tickets" in shown


@pytest.mark.parametrize(
    "said", [{}, {"language": "de", "category": "{question}"}, {"language": "xx"}]
)
def test_a_need_is_of_one_thing_that_exists(
    cast: SimpleNamespace, admin: Client, said: dict[str, str]
) -> None:
    skill = Skill.objects.create(name="German")
    given = {name: value.format(question=cast.question.pk) for name, value in said.items()}
    answer = admin.post(reverse("admin:routing_need_add"), {"skill": skill.pk} | given)
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert "one category, one tag or one language" in shown or "is no language such as" in shown
    assert not Need.objects.exists()


def test_who_has_a_needed_skill_is_seen_beside_it(cast: SimpleNamespace, admin: Client) -> None:
    skill = Skill.objects.create(name="German")
    Need.objects.create(skill=skill, language="de")
    page = reverse("admin:routing_need_changelist")
    assert "nobody: such tickets stay unassigned" in admin.get(page).content.decode()
    skill.people.add(cast.ana)
    assert "Ana" in admin.get(page).content.decode()


def test_every_page_opens(cast: SimpleNamespace, admin: Client, now: datetime) -> None:
    share_out(cast.support, "round_robin")
    office = Calendar.objects.create(name="Office", time_zone="UTC")
    rows = {
        "people_absence": out(cast.ana, now, deputy=cast.ben),
        "routing_need": Need.objects.create(
            skill=Skill.objects.create(name="German"), category=cast.question
        ),
        "escalation_teamhours": TeamHours.objects.create(team=cast.support, calendar=office),
    }
    for name, row in rows.items():
        for address in (
            reverse(f"admin:{name}_changelist"),
            reverse(f"admin:{name}_add"),
            reverse(f"admin:{name}_change", args=[row.pk]),
        ):
            assert admin.get(address, follow=True).status_code == 200, address
    assert admin.get(reverse("admin:routing_waiting_changelist")).status_code == 200
    assert not Waiting.objects.exists()
