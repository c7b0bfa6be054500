"""Leading a team is a supervisor's: nobody else is marked so, and a mark of old grants nothing."""

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from escalation.notify import Crew
from tests.factories import ticket
from tests.people.test_admin import saved
from tickets.access import Action, may
from tickets.people.models import Membership, User

SENTENCE = "Only a supervisor or an admin leads a team"


@pytest.mark.parametrize(("who", "refused"), [
    ("bo", True), ("eve", True), ("max", True), ("stan", False), ("ada", False),
])  # fmt: skip
def test_only_supervisors_and_admins_are_marked_as_leading(
    cast: SimpleNamespace, who: str, refused: bool
) -> None:
    row = Membership(user=getattr(cast, who), team=cast.support, leads=True)
    if refused:
        with pytest.raises(ValidationError, match=SENTENCE) as problem:
            row.full_clean()
        assert list(problem.value.message_dict) == ["leads"]
    else:
        row.full_clean()
    row.leads = False
    row.full_clean()


def rows_of(user: User, *, leads: bool, delete: bool = False) -> dict[str, object]:
    row = user.memberships.get()
    marks = {"memberships-0-leads": "on"} if leads else {}
    marks |= {"memberships-0-DELETE": "on"} if delete else {}
    return marks | {
        "memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "1",
        "memberships-0-id": row.pk, "memberships-0-user": user.pk, "memberships-0-team": row.team_id,
    }  # fmt: skip


@pytest.mark.parametrize(("row", "refused"), [
    ({"leads": True}, True), ({"leads": False}, False), ({"leads": True, "delete": True}, False),
])  # fmt: skip
def test_a_supervisor_who_becomes_an_agent_leads_nothing_any_more(
    cast: SimpleNamespace, client: Client, row: dict[str, bool], refused: bool
) -> None:
    client.force_login(cast.ada)
    page = saved(client, cast.sue, role="agent", **rows_of(cast.sue, **row))
    assert (SENTENCE in page) == refused
    assert cast.sue.role == ("supervisor" if refused else "agent")


def test_who_becomes_a_supervisor_leads_in_the_same_form(
    cast: SimpleNamespace, client: Client
) -> None:
    client.force_login(cast.ada)
    assert not saved(client, cast.ana, role="supervisor", **rows_of(cast.ana, leads=True))
    assert cast.ana.memberships.get().leads


@pytest.fixture
def marked(cast: SimpleNamespace) -> Callable[[str], User]:
    """Somebody of Support marked as leading by what was in the database before; Sue is gone."""
    cast.sue.delete()

    def mark(who: str) -> User:
        user: User = getattr(cast, who)
        Membership.objects.update_or_create(user=user, team=cast.support, defaults={"leads": True})
        return user

    return mark


@pytest.mark.parametrize("who", ["ana", "eve", "max"])
def test_an_old_mark_grants_nothing(
    cast: SimpleNamespace, now: datetime, marked: Callable[[str], User], who: str, client: Client
) -> None:
    person, one = marked(who), ticket(cast, now)
    assert not may(person, Action.TAKE_OVER, one)
    assert not may(person, Action.ACKNOWLEDGE, one)
    assert Crew().mean({"who": "supervisors", "channel": "email"}, one) == []
    client.force_login(cast.ada)
    teams = client.get(reverse("admin:people_team_changelist")).content.decode()
    assert "nobody" in teams


def test_an_admin_may_lead_a_team(
    cast: SimpleNamespace, now: datetime, marked: Callable[[str], User]
) -> None:
    ada = marked("ada")
    assert Crew().mean({"who": "supervisors", "channel": "email"}, ticket(cast, now)) == [ada]
