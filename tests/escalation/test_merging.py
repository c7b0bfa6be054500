"""What climbs on a ticket goes on where its matter goes on."""

from collections.abc import Callable
from datetime import datetime

from escalation.models import Escalation
from escalation.raising import acknowledge, hand_over
from tests.escalation.conftest import DAY, HOUR, MINUTE, clock, sweep
from tests.escalation.test_clocks import answer
from tests.escalation.test_raising import told
from tickets.models import Ticket
from tickets.outbox import services as outbox
from tickets.services import conversation, triage

Open = Callable[..., Ticket]


def merge(source: Ticket, target: Ticket, actor, at: datetime) -> None:
    triage.merge(
        source=source, target=target, actor=actor, now=at, other_customer=target.requester_id
    )


def test_a_pending_hand_over_climbs_on_where_the_ticket_went(
    desk, opened: Open, now: datetime
) -> None:
    source, target = opened(), opened()
    hand_over(ticket=source, actor=desk.ana, reason="I cannot.", now=now + MINUTE)
    merge(source, target, desk.ben, now + 2 * MINUTE)
    sweep(now + 3 * MINUTE)
    gone = Escalation.objects.get(ticket=source)
    assert gone.ended_because == f"The ticket was merged into {target.reference}."
    climb = Escalation.objects.get(ticket=target)
    assert (climb.trigger, climb.state) == ("hand_over", "open")
    assert source.reference in climb.because
    assert told(target)[0][0] == "hand_over"


def test_what_somebody_has_acknowledged_does_not_climb_anew(
    desk, opened: Open, now: datetime
) -> None:
    source, target = opened(), opened()
    climb = hand_over(ticket=source, actor=desk.ana, reason="I cannot.", now=now + MINUTE)
    acknowledge(escalation=climb, actor=desk.sue, now=now + 2 * MINUTE)
    merge(source, target, desk.ben, now + 3 * MINUTE)
    assert not Escalation.objects.filter(ticket=target).exists()


def test_a_customer_who_waits_reopens_the_solved_ticket_they_are_merged_into(
    desk, opened: Open, now: datetime
) -> None:
    source, target = opened(), opened()
    answer(target, desk.ana, now + HOUR)
    target.refresh_from_db()
    triage.set_status(ticket=target, status="solved", actor=desk.ana, now=now + HOUR)
    merge(source, target, desk.ana, now + 2 * HOUR)
    target.refresh_from_db()
    assert target.status == "open"
    wait = clock(target, "next_reply")
    assert (wait.state, wait.started_at) == ("running", now)


def test_a_wait_merged_into_a_pending_ticket_runs(desk, opened: Open, now: datetime) -> None:
    source, target = opened(), opened()
    answer(target, desk.ana, now + HOUR)
    target.refresh_from_db()
    triage.set_status(ticket=target, status="pending", actor=desk.ana, now=now + HOUR)
    merge(source, target, desk.ana, now + 2 * HOUR)
    target.refresh_from_db()
    assert (target.status, target.is_paused, target.answer_due_at is None) == ("open", False, False)
    assert clock(target, "next_reply").state == "running"


def test_a_hand_over_pending_on_a_waiting_ticket_climbs_on_the_solved_one_it_reopens(
    desk, opened: Open, now: datetime
) -> None:
    source, target = opened(), opened()
    triage.set_status(ticket=target, status="solved", actor=desk.ana, now=now)
    hand_over(ticket=source, actor=desk.ana, reason="I cannot.", now=now + MINUTE)
    merge(source, target, desk.ben, now + 2 * MINUTE)
    assert Escalation.objects.get(ticket=target, state="open").trigger == "hand_over"


def test_another_customers_wait_begins_at_the_merge_where_nobody_waits(
    desk, opened: Open, now: datetime
) -> None:
    target = opened(requester=desk.carla)
    answer(target, desk.ana, now + HOUR)
    merge(opened(), target, desk.ana, now + 2 * HOUR)
    wait = clock(target, "next_reply")
    assert (wait.state, wait.started_at) == ("running", now + 2 * HOUR)
    target.refresh_from_db()
    assert target.answer_due_at is not None


def test_another_customers_wait_moves_no_deadline_of_who_waits_already(
    desk, opened: Open, now: datetime
) -> None:
    source, target = opened(now=now - 5 * HOUR), opened(requester=desk.carla)
    due = clock(target, "first_reply").due_at
    merge(source, target, desk.ana, now + HOUR)
    wait = clock(target, "first_reply")
    assert (wait.state, wait.started_at, wait.due_at) == ("running", now, due)


def test_what_leaves_for_another_customer_meets_no_deadline_here(
    desk, opened: Open, now: datetime
) -> None:
    source, target = opened(), opened(requester=desk.carla)
    conversation.reply(
        ticket=source, author=desk.ana, body="Done, Carl.", now=now, status_after="solved"
    )
    merge(source, target, desk.ana, now + MINUTE)
    outbox.deliver_due(now + HOUR)
    target.refresh_from_db()
    assert target.status == "new"
    assert clock(target, "first_reply").state == "running"


def test_whoever_an_answer_does_not_reach_waits_on_since_the_merge(
    desk, opened: Open, now: datetime
) -> None:
    source, target = opened(), opened(requester=desk.carla)
    conversation.reply(ticket=target, author=desk.ana, body="For you.", now=now + MINUTE)
    merge(source, target, desk.ana, now + 2 * MINUTE)
    outbox.deliver_due(now + HOUR)
    assert clock(target, "first_reply").state == "met"
    wait = clock(target, "next_reply")
    assert (wait.state, wait.started_at) == ("running", now + 2 * MINUTE)
    answer(target, desk.ana, now + 2 * HOUR)
    assert clock(target, "next_reply").state == "met"


def test_a_held_reply_that_a_merge_brings_leaves_before_the_deadline_it_meets_now(
    desk, opened: Open, now: datetime
) -> None:
    target, source = opened(), opened(now=now + DAY - HOUR)
    at = now + DAY - 20 * MINUTE
    held = conversation.reply(ticket=source, author=desk.ana, body="Here", now=at)
    merge(source, target, desk.ana, at + MINUTE)
    target.refresh_from_db()
    held.mail.refresh_from_db()
    assert target.answer_due_at == now + DAY
    assert held.mail.release_at == now + DAY - 2 * MINUTE


def test_the_status_a_held_reply_was_to_bring_is_overtaken_by_a_merge(
    desk, opened: Open, now: datetime
) -> None:
    source, target = opened(), opened()
    conversation.reply(
        ticket=source, author=desk.ana, body="That is done.", now=now, status_after="solved"
    )
    merge(source, target, desk.ben, now + MINUTE)
    outbox.deliver_due(now + HOUR)
    target.refresh_from_db()
    assert target.status == "new"
    assert clock(target, "first_reply").state == "met"
