"""Whoever gets the ticket's lock later, but read the clock earlier, forgets nothing recorded since."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

from django.db.models import Q

from escalation import publishing, reapplying
from escalation.learning import judge_again
from escalation.models import Action, Condition, Policy, Rule, Target
from tests.escalation.conftest import DAY, HOUR, MINUTE, clock, policy, sweep
from tests.factories import customer_writes, replied
from tickets.calls import services as calls
from tickets.models import Ticket
from tickets.outbox import services as outbox
from tickets.people.models import Order
from tickets.services import conversation, triage

Opened = Callable[..., Ticket]
SECOND = timedelta(seconds=1)


def answers_only(now: datetime) -> None:
    policy(
        "Answers only", now,
        {"metric": "first_reply", "duration": DAY},
        {"metric": "next_reply", "duration": DAY},
        {"metric": "callback", "duration": HOUR},
    )  # fmt: skip


def hours_pass(since: datetime, hours: int) -> None:
    for hour in range(1, hours):
        sweep(since + hour * HOUR)


def test_a_message_that_comes_during_a_pass_keeps_its_deadline(
    desk: SimpleNamespace, opened: Opened, now: datetime
) -> None:
    answers_only(now)
    ticket = opened()
    replied(ticket, desk.ana, now + MINUTE)
    ticket.refresh_from_db()
    calls.promise_callback(
        ticket=ticket, due_at=None, actor=desk.ana, because="She asked", now=now + MINUTE
    )
    began = now + MINUTE + HOUR + SECOND  # the pass reads its clock: the call is late
    ticket.refresh_from_db()
    customer_writes(ticket, began + 5 * SECOND)
    sweep(began)
    assert clock(ticket, "next_reply").next_step_at is not None
    hours_pass(began, 40)
    assert clock(ticket, "next_reply").state == "breached"


def test_a_message_that_comes_while_the_last_level_is_told_keeps_its_deadline(
    desk: SimpleNamespace, opened: Opened, now: datetime
) -> None:
    Policy.objects.filter(is_fallback=False).update(active=False)
    publishing.announce()
    order = Order.objects.create(
        number="NL-1", contact=desk.carl, amount=Decimal(2000), currency="USD", placed_at=now
    )
    ticket = opened(orders=[order])
    replied(ticket, desk.ana, now + MINUTE)
    sweep(now + 2 * HOUR)
    began = now + 4 * HOUR + SECOND
    ticket.refresh_from_db()
    customer_writes(ticket, began + 10 * SECOND)
    sweep(began)
    hours_pass(began, 60)
    ticket.refresh_from_db()
    assert clock(ticket, "next_reply").state == "breached"
    assert ticket.is_late


def test_an_answer_that_leaves_during_a_pass_is_seen(
    desk: SimpleNamespace, opened: Opened, now: datetime
) -> None:
    answers_only(now)
    ticket = opened()
    began = now + DAY + SECOND
    replied(ticket, desk.ana, began + 5 * SECOND)
    sweep(began)
    hours_pass(began, 3)
    ticket.refresh_from_db()
    assert clock(ticket, "first_reply").state == "met_late"
    assert not ticket.is_late


def test_a_message_that_comes_while_an_answer_is_settled_starts_its_clock(
    desk: SimpleNamespace, opened: Opened, now: datetime
) -> None:
    answers_only(now)
    ticket = opened()
    held = conversation.reply(ticket=ticket, author=desk.ana, body="Here", now=now)
    conversation.send_now(message=held, actor=desk.ana, now=now + MINUTE)
    ticket.refresh_from_db()
    customer_writes(ticket, now + MINUTE + SECOND)
    outbox.deliver_due(now + MINUTE)
    assert clock(ticket, "next_reply").state == "running"


def test_the_priority_that_was_written_last_is_the_one_that_holds(
    desk: SimpleNamespace, opened: Opened, now: datetime
) -> None:
    ticket = opened()
    triage.set_priority(ticket=ticket, priority="urgent", actor=desk.ana, now=now + 10 * SECOND)
    triage.set_priority(ticket=ticket, priority="low", actor=desk.ben, now=now + 9 * SECOND)
    triage.set_status(ticket=ticket, status="open", actor=desk.ana, now=now + HOUR)
    ticket.refresh_from_db()
    assert ticket.priority == "low"
    assert clock(ticket, "first_reply").due_at == now + DAY


def test_the_status_that_was_written_last_is_the_one_that_holds(
    desk: SimpleNamespace, opened: Opened, now: datetime
) -> None:
    ticket = opened()
    replied(ticket, desk.ana, now + MINUTE)
    ticket.refresh_from_db()
    triage.set_status(ticket=ticket, status="on_hold", actor=desk.ana, now=now + HOUR)
    triage.set_status(ticket=ticket, status="pending", actor=desk.ben, now=now + HOUR - SECOND)
    hours_pass(now, 60)
    assert clock(ticket, "resolution").state == "paused"


def test_a_rule_judged_at_an_earlier_instant_sets_targets_that_fit_its_priority(
    desk: SimpleNamespace, opened: Opened, now: datetime
) -> None:
    ticket = opened(priority="low")
    triage.set_priority(
        ticket=ticket, priority="normal", actor=desk.ana, now=now + HOUR + 2 * SECOND
    )
    rule = Rule.objects.create(name="Urgent", order=1)
    Condition.objects.create(rule=rule, kind="contact", contact=desk.carl)
    Action.objects.create(rule=rule, kind="set_priority", priority="urgent")
    publishing.announce()
    judge_again(Q(requester=desk.carl), now=now + HOUR)
    ticket.refresh_from_db()
    assert ticket.priority == "urgent"
    triage.set_status(ticket=ticket, status="open", actor=desk.ana, now=now + 2 * HOUR)
    assert clock(ticket, "first_reply").due_at == now + 4 * HOUR


def test_a_schedule_applied_again_counts_though_a_change_came_in_between(
    desk: SimpleNamespace, opened: Opened, now: datetime
) -> None:
    product = Policy.objects.get(name="Product questions")
    ticket = opened()
    urgent = Target.objects.filter(policy=product, metric="first_reply", priority="urgent")
    urgent.update(duration=HOUR)
    publishing.publish_policy(policy=product, now=now + HOUR)
    triage.set_priority(
        ticket=ticket, priority="urgent", actor=desk.ana, now=now + HOUR / 2 + 2 * SECOND
    )
    reapplying.reapply(policy=product, actor=desk.ada, now=now + HOUR / 2)
    assert clock(ticket, "first_reply").due_at == now + HOUR
