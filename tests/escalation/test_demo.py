"""The demonstration: a believable company whose clocks really run, founded once."""

import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from escalation.models import Clock, Escalation, Policy, Rule
from escalation.models import Path as EscalationPath
from kb.offers.models import Offer
from kb.scripts.models import Script
from tests.escalation.conftest import sweep
from tickets.models import Ticket
from tickets.people.models import Contact, Order, Team, User

pytestmark = pytest.mark.django_db
TICKETS = 30


@pytest.fixture
def place(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """What the command sets for its own process is put back for the next test."""
    settings.DATA_DIR = tmp_path
    settings.EMAIL_BACKEND = settings.EMAIL_BACKEND
    settings.EMAIL_FILE_PATH = None
    yield tmp_path
    shutil.rmtree(tmp_path)


def seed() -> str:
    out = StringIO()
    call_command("demo", seed_only=True, tickets=TICKETS, stdout=out)
    return out.getvalue()


def test_it_founds_a_company_with_everything_that_a_desk_shows(place: Path) -> None:
    told = seed()
    assert f"Seeded {TICKETS} tickets." in told
    assert (Team.objects.count(), Contact.objects.count()) == (3, 40)
    assert User.objects.count() == 12
    assert set(User.objects.values_list("role", flat=True)) == set(User.Role.values)
    for model in (Order, Policy, EscalationPath, Rule, Script, Offer, Escalation):
        assert model.objects.exists(), model
    assert set(Ticket.objects.values_list("status", flat=True)) == {
        "new", "open", "pending", "on_hold", "solved", "closed",
    }  # fmt: skip


def test_its_clocks_stand_as_a_sweep_would_leave_them(place: Path) -> None:
    seed()
    due = Clock.objects.filter(next_step_at__lte=timezone.now())
    sweep(timezone.now())
    assert not due.exists()
    assert Clock.objects.filter(state="running", next_step_at__gt=timezone.now()).exists()


def test_started_again_it_keeps_its_data(place: Path) -> None:
    seed()
    before = list(Ticket.objects.order_by("pk").values_list("reference", "updated_at"))
    assert "Seeded" not in seed()
    assert list(Ticket.objects.order_by("pk").values_list("reference", "updated_at")) == before


def test_it_keeps_away_from_a_real_installation(place: Path, cast: Any) -> None:
    with pytest.raises(CommandError, match="real installation"):
        seed()
    assert not Ticket.objects.exists()
