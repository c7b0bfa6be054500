"""The demonstration: a believable company whose clocks really run, founded once."""

import random
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from escalation import sentences
from escalation.clocks import explain_clock
from escalation.demo.reactions import Reactions
from escalation.incidents import publicly
from escalation.incidents.models import Incident
from escalation.models import Clock, Escalation, Policy, Rule
from escalation.models import Path as EscalationPath
from escalation.sla.explain import LineKind
from kb.offers.models import Grant, LedgerEntry, Offer
from kb.scripts.models import Script
from tests.escalation.conftest import HOUR, sweep
from tickets.calls.models import Callback
from tickets.calls.services import promise_callback
from tickets.lifecycle import Status
from tickets.models import Draft, Ticket
from tickets.outbox.models import OutgoingMail
from tickets.people.models import Contact, Order, Team, User
from tickets.services.triage import set_status

pytestmark = pytest.mark.django_db
TICKETS = 30


class Eager(random.Random):
    """Dice of people who react to everything, and take over whatever is late."""

    def randint(self, a: int, b: int) -> int:
        return b

    def random(self) -> float:
        return 0.0


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


def test_its_ledger_shows_what_was_given_approved_and_taken_back(place: Path) -> None:
    seed()
    grants = Grant.objects.all()
    assert grants.filter(state="granted", decided_by=None).exists()
    assert grants.filter(state="granted", decided_by__role="supervisor").exists()
    assert grants.filter(state="reversed").exists()
    assert not LedgerEntry.objects.filter(budget=None).exists()
    # The customer was told of each: no words of theirs wait in a draft.
    assert not Draft.objects.exists()


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


def test_a_call_still_owed_on_a_solved_ticket_is_made_not_taken_over(
    desk: Any, opened: Callable[..., Ticket], now: datetime
) -> None:
    ticket = opened()
    promise_callback(
        ticket=ticket, due_at=now + HOUR, actor=desk.ana, because="She asked.", now=now
    )
    set_status(ticket=ticket, status=Status.SOLVED, actor=desk.ana, now=now)
    late = now + 2 * HOUR
    sweep(late)
    planned: list[Callable[[datetime], None]] = []
    reactions = Reactions(lambda at, action: planned.append(action), Eager(1))
    reactions.look(late)
    for action in planned:
        action(late)
    assert Callback.objects.get().state == Callback.State.KEPT
    assert not Escalation.objects.filter(state="taken_over").exists()


def test_its_business_customers_are_promised_open_hours(place: Path) -> None:
    seed()
    policy = Policy.objects.get(name="Business customers")
    assert "First reply within 4 h of Office hours" in sentences.promises(policy)
    assert policy.tiers.get().name == "Business"
    ours = Clock.objects.filter(version__policy=policy, metric="first_reply").order_by("pk")
    clock = ours.first()
    assert clock
    told = explain_clock(clock, ZoneInfo("America/New_York"), timezone.now())
    assert told
    lines = told.text.splitlines()
    assert lines[0] == "Business customers (version 1): first reply within 4 h."
    assert "the customer's tier is «Business»" in lines[1]
    assert lines[2] == "Time is counted in Office hours (America/New_York)."
    counted = [line.amount for line in told.lines if line.kind is LineKind.COUNTED]
    assert sum(filter(None, counted), timedelta(0)) == 4 * HOUR


def test_the_promises_of_the_mission_stay_as_they_are_for_everybody_else(place: Path) -> None:
    seed()
    questions = Policy.objects.get(name="Product questions")
    first = questions.targets.get(metric="first_reply", priority="")
    assert (first.duration, first.calendar) == (timedelta(hours=24), None)
    others = Ticket.objects.filter(requester__tier__name="Standard", category__nature="question")
    for one in others[:5]:
        binding = one.bindings.order_by("pk").last()
        assert binding
        assert binding.version.policy == questions


def test_its_status_page_tells_of_the_hub_and_of_what_is_over(place: Path) -> None:
    seed()
    standing = publicly.standing(timezone.now())
    assert standing.sentence == "One thing does not work"
    (hub,) = standing.open
    assert hub.title == "Firmware updates stop the Hub at night"
    assert len(hub.answers) > 4
    (shop,) = standing.resolved
    assert [len(each.said) for each in (hub, shop)] == [2, 2]
    said = Incident.objects.open().get().updates.filter(audience="staff", author__isnull=False)
    assert said.filter(text__contains="Hotel Meridian").exists()
    assert not OutgoingMail.objects.filter(subject__contains="INC-", state="released").exists()
