"""What climbs on a ticket goes on where its matter goes on."""

from collections.abc import Callable
from datetime import datetime

from escalation.models import Escalation
from escalation.raising import acknowledge, hand_over
from tests.escalation.conftest import HOUR, MINUTE, clock, sweep
from tests.escalation.test_clocks import answer
from tests.escalation.test_raising import told
from tickets.models import Ticket
from tickets.services import triage

Open = Callable[..., Ticket]


def merge(source: Ticket, target: Ticket, actor, at: datetime) -> None:
    triage.merge(source=source, target=target, actor=actor, now=at)


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
