"""An answer given before the ticket was opened answers nothing that was asked in it."""

from escalation.sla.clock import State, replay
from escalation.sla.values import FactKind, Metric
from tests.sla.world import clock, fact, hours, message, ny, opened, plan, target

START = ny(3, 3, 9)
FIRST, NEXT = Metric.FIRST_REPLY, Metric.NEXT_REPLY
PLANS = [plan(START, target(FIRST, hours(4)), target(NEXT, hours(2)))]


def test_after_a_call_from_before_the_opening_the_first_reply_is_still_owed() -> None:
    facts = [fact(FactKind.CALL_REACHED, ny(3, 3, 8)), opened(START), message(ny(3, 3, 10))]
    assert clock(facts, PLANS, ny(3, 3, 11), FIRST).state is State.RUNNING
    assert NEXT not in {each.metric for each in replay(facts, PLANS, ny(3, 3, 11))}
