"""A target that its hours never add up to: no deadline, no warning, and a person is asked."""

from datetime import time

from escalation.sla.clock import State
from escalation.sla.explain import explain
from escalation.sla.hours import CalendarHistory, WorkCalendar
from escalation.sla.ladder import BREACH, ENDLESS, Due, next_fact
from escalation.sla.values import Metric, Threshold
from tests.sla.world import OFFICE, clock, hours, message, ny, opened, plan, reply, status, target

FIRST = Metric.FIRST_REPLY
START, LATER = ny(3, 3, 9), ny(3, 20, 9)
RARE = WorkCalendar("UTC", {0: [(time(9), time(9, 1))]}, name="Rare")
HALF = (Threshold(percent=1),)
PLAN = plan(START, target(FIRST, hours(10000), calendar=RARE, warnings=HALF), label="Tiny v1")


def test_it_runs_without_a_deadline_and_warns_of_none() -> None:
    found = clock([opened(START)], [PLAN], LATER, FIRST)
    assert (found.state, found.due_at, found.warnings) == (State.RUNNING, None, ())
    assert found.endless


def test_it_says_once_and_at_once_that_somebody_has_to_decide() -> None:
    found = clock([opened(START)], [PLAN], START, FIRST)
    assert next_fact(found, ()) == Due(ENDLESS, START)
    assert next_fact(found, {ENDLESS}) is None


def test_it_is_met_by_an_answer_whenever_that_comes() -> None:
    found = clock([opened(START), reply(LATER)], [PLAN], LATER, FIRST)
    assert (found.state, found.breached_at) == (State.MET, None)
    assert next_fact(found, ()) is None


def test_its_account_says_why_there_is_no_deadline() -> None:
    said = explain(clock([opened(START)], [PLAN], LATER, FIRST), LATER, "UTC").text
    assert "No deadline: the open hours of Rare never add up to 10000 h." in said


def test_a_reachable_target_later_gives_it_its_deadline() -> None:
    plans = [PLAN, plan(ny(3, 3, 10), target(FIRST, hours(4)))]
    found = clock([opened(START)], plans, LATER, FIRST)
    assert found.breached_at == ny(3, 3, 14)
    assert next_fact(found, {ENDLESS}) == Due(BREACH, ny(3, 3, 14))


def test_a_calendar_narrowed_under_it_takes_the_deadline_away() -> None:
    narrowed = CalendarHistory([(START, OFFICE), (ny(3, 3, 10), RARE)])
    owed = plan(START, target(FIRST, hours(10000), calendar=narrowed))
    assert clock([opened(START)], [owed], LATER, FIRST).endless


def test_a_pause_waits_for_nothing_and_going_on_asks_a_person() -> None:
    owed = target(Metric.NEXT_REPLY, hours(10000), calendar=RARE, pause_on=frozenset({"pending"}))
    facts = [opened(START), reply(START), message(ny(3, 4, 9)), status(ny(3, 4, 10), "pending")]
    paused = clock(facts, [plan(START, owed)], LATER, Metric.NEXT_REPLY)
    assert (paused.state, next_fact(paused, ())) == (State.PAUSED, None)
    facts.append(status(ny(3, 5, 10), "open"))
    assert clock(facts, [plan(START, owed)], LATER, Metric.NEXT_REPLY).endless
