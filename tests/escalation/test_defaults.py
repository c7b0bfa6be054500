"""What an installation starts with."""

from datetime import datetime

from django.core.management import call_command

from escalation.defaults import install_defaults
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
