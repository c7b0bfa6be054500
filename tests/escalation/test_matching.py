"""Which schedule holds, and the sentence that says why."""

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace

import pytest

from escalation import publishing
from escalation.matching import ensure_fallback
from escalation.models import Binding, Policy
from tests.escalation.conftest import DAY, HOUR, clock, policy
from tickets.models import Tag, Ticket, TicketEvent
from tickets.services import triage

Open = Callable[..., Ticket]


def bound(ticket: Ticket) -> Binding:
    found = Binding.objects.filter(ticket=ticket).order_by("at", "pk").last()
    assert found
    return found


def test_a_product_question_is_answered_within_a_day(desk, opened: Open, now: datetime) -> None:
    ticket = opened()
    assert clock(ticket, "first_reply").due_at == now + DAY
    ticket.refresh_from_db()
    assert (ticket.next_due_at, ticket.next_due_metric) == (now + DAY, "first_reply")


def test_the_first_schedule_in_order_wins(desk, opened: Open, now: datetime) -> None:
    policy("Second", now, {"metric": "first_reply", "duration": 2 * HOUR}, order=2)
    policy("First", now, {"metric": "first_reply", "duration": HOUR}, order=1)
    assert bound(opened()).version.policy.name == "First"


def test_a_switched_off_schedule_is_not_asked(desk, opened: Open, now: datetime) -> None:
    off = policy("Off", now, {"metric": "first_reply", "duration": HOUR})
    off.active = False
    off.save()
    publishing.publish_policy(policy=off, now=now)
    assert bound(opened()).version.policy.name == "Product questions"


def test_every_condition_must_hold_and_the_reason_names_each(
    desk: SimpleNamespace, opened: Open, now: datetime
) -> None:
    vip = Tag.objects.create(name="vip")
    wanted = Policy.objects.create(
        name="Gold by mail", order=1, channels=["email"], priorities=["high"],
        natures=["question"],
    )  # fmt: skip
    wanted.tiers.add(desk.gold)
    wanted.tags.add(vip)
    wanted.teams.add(desk.support)
    wanted.categories.add(desk.question)
    publishing.publish_policy(policy=wanted, now=now)
    fitting = {"requester": desk.carla, "priority": "high", "tags": ["VIP"]}
    assert bound(opened(**fitting)).because == (
        "«Gold by mail» is the first that fits: it is a product question and its category is "
        "«Product question» and it came by E-mail and the customer's tier is «Gold» and its "
        "priority is high and its team is «Support» and it is tagged «vip»."
    )
    for change in (
        {"requester": desk.carl}, {"priority": "low"}, {"tags": []}, {"channel": "phone"},
        {"team": desk.billing}, {"category": desk.management},
    ):  # fmt: skip
        assert bound(opened(**fitting | change)).version.policy_id != wanted.pk


def test_what_fits_nothing_falls_to_the_fallback(cast, opened: Open, now: datetime) -> None:
    ticket = opened()
    assert bound(ticket).because == "No other schedule fits, so «Everything else» holds."
    assert clock(ticket, "first_reply").due_at == now + DAY


def test_an_installation_always_has_exactly_one_fallback(db: None, now: datetime) -> None:
    Policy.objects.create(name="Everything else")
    made = ensure_fallback(now)
    assert ensure_fallback(now) == made
    assert made.name == "Everything else (fallback)"
    assert Policy.objects.filter(is_fallback=True).count() == 1


def test_the_choice_is_on_record(desk, opened: Open, now: datetime) -> None:
    event = TicketEvent.objects.get(ticket=opened(), kind="policy_bound")
    assert event.data["policy"] == "Product questions"
    assert event.data["version"] == 1
    assert event.data["because"].startswith("«Product questions» is the first that fits")


def test_a_suggestion_has_no_target_and_no_alarm(desk, opened: Open) -> None:
    ticket = opened(category=desk.suggestion)
    assert not ticket.clocks.exists()
    ticket.refresh_from_db()
    assert ticket.next_due_at is None


def test_a_priority_has_targets_of_its_own(desk, opened: Open, now: datetime) -> None:
    assert clock(opened(priority="urgent"), "first_reply").due_at == now + 4 * HOUR


def test_a_change_of_priority_retargets_and_keeps_the_time_used(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened()
    triage.set_priority(ticket=ticket, priority="urgent", actor=desk.ana, now=now + HOUR)
    assert clock(ticket, "first_reply").due_at == now + 4 * HOUR
    assert Binding.objects.filter(ticket=ticket).count() == 2


def test_a_change_of_category_chooses_another_schedule(desk, opened: Open, now: datetime) -> None:
    ticket = opened()
    triage.set_category(ticket=ticket, category=desk.suggestion, actor=desk.ana, now=now + HOUR)
    assert clock(ticket, "first_reply").state == "cancelled"
    assert bound(ticket).version.policy.name == "Suggestions"


def test_a_ticket_that_stays_with_its_schedule_keeps_the_version_it_has(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened()
    questions = Policy.objects.get(name="Product questions")
    questions.targets.filter(metric="first_reply", priority="urgent").update(duration=HOUR)
    publishing.publish_policy(policy=questions, now=now)
    triage.set_priority(ticket=ticket, priority="urgent", actor=desk.ana, now=now + HOUR / 2)
    assert clock(ticket, "first_reply").due_at == now + 4 * HOUR
    assert clock(opened(priority="urgent"), "first_reply").due_at == now + HOUR


@pytest.mark.parametrize("priority", ["low", "high"])
def test_a_priority_that_changes_nothing_binds_anew_but_moves_nothing(
    desk, opened: Open, now: datetime, priority: str
) -> None:
    ticket = opened()
    triage.set_priority(ticket=ticket, priority=priority, actor=desk.ana, now=now + HOUR)
    assert clock(ticket, "first_reply").due_at == now + DAY
