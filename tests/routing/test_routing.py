"""A ticket finds somebody by its team's way, or says why it does not."""

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import customer_writes, kinds, ticket
from tests.routing.conftest import HOUR, given, out, reasons, way
from tickets.models import Tag, Ticket
from tickets.people.models import Membership, Skill, Team, User
from tickets.routing.models import Need, Turn, Waiting
from tickets.routing.services import try_again
from tickets.services import triage
from tickets.views.telling import sentence

Come = Callable[..., Ticket]


def test_by_default_nobody_is_given_anything(cast: SimpleNamespace, now: datetime) -> None:
    assert set(Team.objects.values_list("assignment", flat=True)) == {"none"}
    assert given(ticket(cast, now)) == [None]
    assert not Turn.objects.exists()


def test_sharing_by_hand_costs_an_opening_no_query(cast: SimpleNamespace, now: datetime) -> None:
    with CaptureQueriesContext(connection) as captured:
        ticket(cast, now)
    assert not [each for each in captured if "routing_" in each["sql"]]


def test_round_robin_goes_around(team: SimpleNamespace, comes: Come) -> None:
    assert given(*[comes() for _ in range(4)]) == ["ana", "ben", "cleo", "ana"]


def test_the_history_says_why_in_words(team: SimpleNamespace, comes: Come) -> None:
    one = comes()
    event = one.events.get(kind="assigned")
    assert sentence(event) == "Assigned: nobody → Ana; round robin: Ana's turn"
    assert event.actor is None
    assert kinds(one).index("opened") < kinds(one).index("assigned")


def test_who_leads_or_is_asked_for_advice_is_given_nothing(
    team: SimpleNamespace, comes: Come
) -> None:
    for person in (team.max, team.eve):
        Membership.objects.create(user=person, team=team.support)
    assert "sue" not in given(*[comes() for _ in range(6)])
    assert set(given(*[comes() for _ in range(6)])) == {"ana", "ben", "cleo"}


def test_who_is_out_is_passed_over(team: SimpleNamespace, comes: Come, now: datetime) -> None:
    out(team.ben, now)
    assert given(*[comes() for _ in range(3)]) == ["ana", "cleo", "ana"]


def test_at_the_end_of_an_absence_one_is_at_work(
    team: SimpleNamespace, comes: Come, now: datetime
) -> None:
    absence = out(team.ana, now)
    assert given(comes(now=absence.ends_at)) == ["ana"]


def test_least_loaded_counts_what_is_open_in_every_team(
    team: SimpleNamespace, comes: Come, now: datetime
) -> None:
    way(team.support, "least_loaded")
    Membership.objects.create(user=team.ana, team=team.billing)
    for _ in range(2):
        comes(team=team.billing, assignee=team.ana)
    comes(assignee=team.ben)
    assert given(*[comes() for _ in range(2)]) == ["cleo", "ben"]
    assert reasons(comes())[-1] == "least loaded: Cleo has 1 open ticket"


def test_nobody_is_given_more_than_they_may_have(team: SimpleNamespace, comes: Come) -> None:
    way(team.support, "round_robin", most_open=1)
    User.objects.filter(pk=team.cleo.pk).update(most_open=0)
    first, second, third = comes(), comes(), comes()
    assert given(first, second, third) == ["ana", "ben", None]
    assert reasons(third) == [
        "to nobody yet, as everybody at work has as many open tickets as they may"
    ]


@pytest.fixture
def german(team: SimpleNamespace) -> Skill:
    """Ben and Cleo speak German; who writes German needs it."""
    skill = Skill.objects.create(name="German")
    skill.people.add(team.ben, team.cleo)
    Need.objects.create(skill=skill, language="de")
    return skill


@pytest.mark.parametrize("assignment", ["round_robin", "least_loaded", "skill"])
def test_only_who_has_a_needed_skill_is_given_the_ticket(
    team: SimpleNamespace, comes: Come, german: Skill, assignment: str
) -> None:
    way(team.support, assignment)
    team.carla.language = "de"
    team.carla.save()
    assert set(given(*[comes() for _ in range(4)])) == {"ben", "cleo"}


def test_of_two_equally_busy_the_one_with_fewer_skills_has_it(
    team: SimpleNamespace, comes: Come, german: Skill
) -> None:
    way(team.support, "skill")
    team.ana.skills.add(german)
    team.ben.skills.remove(german)
    assert given(comes()) == ["ben"]


@pytest.mark.parametrize("what", ["category", "tag", "language"])
def test_a_category_a_tag_and_a_language_may_need_a_skill(
    team: SimpleNamespace, comes: Come, german: Skill, what: str
) -> None:
    way(team.support, "skill")
    Need.objects.all().delete()
    tag = Tag.objects.create(name="wiring")
    needs = {"category": team.management, "tag": tag, "language": "pt"}
    Need.objects.create(skill=german, **{what: needs[what]})
    team.carla.language = "pt-br"
    team.carla.save()
    one = comes(category=team.management, tags=["Wiring"])
    assert given(one) == ["ben"]
    assert reasons(one) == ["by skill: Ben has the skill «German»"]


def test_without_the_skill_it_stays_unassigned_and_says_why(
    team: SimpleNamespace, comes: Come, german: Skill, now: datetime
) -> None:
    for person in (team.ben, team.cleo):
        out(person, now)
    team.carla.language = "de"
    team.carla.save()
    one = comes()
    assert given(one) == [None]
    event = one.events.get(kind="assigned")
    assert sentence(event) == ("Assigned: to nobody yet, as nobody at work has the skill «German»")
    assert Waiting.objects.get(ticket=one).because == "nobody at work has the skill «German»"


def test_a_team_may_say_that_anybody_does_where_the_skill_is_missing(
    team: SimpleNamespace, comes: Come, german: Skill
) -> None:
    way(team.support, "skill", without_skill=True)
    german.people.clear()
    team.carla.language = "de"
    team.carla.save()
    one = comes()
    assert given(one) == ["ana"]
    assert reasons(one)[0].endswith("; nobody at work has the skill «German»")


def test_what_found_nobody_is_tried_again_until_it_does(
    team: SimpleNamespace, comes: Come, now: datetime
) -> None:
    for person in (team.ana, team.ben, team.cleo):
        out(person, now)
    one = comes()
    assert reasons(one) == ["to nobody yet, as everybody who takes tickets is out"]
    assert try_again(now + HOUR) == 0
    assert len(reasons(one)) == 1
    assert try_again(now + 25 * HOUR) == 1
    assert given(one) == ["ana"]
    assert not Waiting.objects.exists()


def test_what_was_seen_to_by_hand_is_not_tried_any_more(
    team: SimpleNamespace, comes: Come, now: datetime
) -> None:
    for person in (team.ana, team.ben, team.cleo):
        out(person, now)
    one = comes()
    triage.assign(ticket=one, assignee=team.ana, actor=team.sue, now=now)
    assert try_again(now + 25 * HOUR) == 0
    assert given(one) == ["ana"]
    assert not Waiting.objects.exists()


def test_nothing_that_waits_costs_one_query(team: SimpleNamespace, now: datetime) -> None:
    with CaptureQueriesContext(connection) as captured:
        try_again(now)
    assert len(captured) == 1


def test_a_ticket_that_moves_finds_somebody_there(
    team: SimpleNamespace, comes: Come, now: datetime
) -> None:
    one = comes(team=team.billing, assignee=team.bo)
    triage.move_to_team(ticket=one, team=team.support, actor=team.stan, now=now)
    assert given(one) == ["ana"]
    last = one.events.filter(kind__in=["assigned", "team_changed"]).order_by("pk")
    told = [(event.kind, event.data["to"]) for event in last]
    assert told == [("assigned", None), ("team_changed", "Support"), ("assigned", "Ana")]


def test_who_is_of_both_teams_keeps_a_ticket_that_moves(
    team: SimpleNamespace, comes: Come, now: datetime
) -> None:
    Membership.objects.create(user=team.ben, team=team.billing)
    one = comes(team=team.billing, assignee=team.ben)
    triage.move_to_team(ticket=one, team=team.support, actor=team.stan, now=now)
    assert given(one) == ["ben"]


def test_what_was_chosen_by_a_person_stays_even_where_they_are_out(
    team: SimpleNamespace, comes: Come, now: datetime
) -> None:
    out(team.ben, now)
    assert given(comes(assignee=team.ben)) == ["ben"]


def test_a_reopened_ticket_goes_back_to_who_had_it_unless_they_are_out(
    team: SimpleNamespace, comes: Come, now: datetime
) -> None:
    here, away = comes(assignee=team.ben), comes(assignee=team.cleo)
    for one in (here, away):
        triage.set_status(ticket=one, status="solved", actor=team.ben, now=now)
    out(team.cleo, now)
    for one in (here, away):
        customer_writes(one, now + HOUR)
    assert given(here, away) == ["ben", "ana"]


def test_a_reopened_ticket_stays_with_who_is_out_where_nobody_else_is_there(
    team: SimpleNamespace, comes: Come, now: datetime
) -> None:
    one = comes(assignee=team.cleo)
    triage.set_status(ticket=one, status="solved", actor=team.cleo, now=now)
    for person in (team.ana, team.ben, team.cleo):
        out(person, now)
    customer_writes(one, now + HOUR)
    assert given(one) == ["cleo"]
    assert not Waiting.objects.exists()
