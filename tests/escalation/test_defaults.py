"""What an installation starts with."""

from datetime import datetime

from django.core.management import call_command

from escalation.defaults import install_defaults
from escalation.incidents.models import SeverityRule
from escalation.models import Calendar, Path, Policy, Rule
from tickets.models import Category, Tag
from tickets.people.models import Team


def counts() -> list[int]:
    models = (Calendar, Path, Policy, Rule, Category, Team, Tag)
    return [model.objects.count() for model in models]


def test_installing_twice_changes_nothing(db: None, now: datetime) -> None:
    install_defaults(now=now)
    before = counts()
    install_defaults(now=now)
    assert counts() == before


def test_an_empty_database_can_open_a_ticket_afterwards(db: None) -> None:
    call_command("setup")
    assert Team.objects.get(is_default=True)
    assert Category.objects.get(is_default=True).nature == "question"
    assert Policy.objects.get(is_fallback=True).versions.count() == 1


def test_what_somebody_changed_stays(db: None, now: datetime) -> None:
    install_defaults(now=now)
    Policy.objects.filter(name="Suggestions").update(active=False)
    Path.objects.get(name="Late answers").steps.filter(level=3).delete()
    install_defaults(now=now)
    assert not Policy.objects.get(name="Suggestions").active
    assert Path.objects.get(name="Late answers").steps.count() == 2


def test_incidents_get_worse_by_rule_unless_somebody_made_rules_of_their_own(db: None) -> None:
    call_command("setup")
    call_command("setup")
    assert [str(each) for each in SeverityRule.objects.all()] == [
        "Major from 3 linked tickets with a promise broken on",
        "Major from 10 linked tickets that are open on",
        "Critical from 50 customers with linked tickets on",
    ]
    SeverityRule.objects.exclude(severity=3).delete()
    call_command("setup")
    assert SeverityRule.objects.count() == 1
