"""The sweep: what is due happens once, with its true instant, and nothing blocks the rest."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError

from escalation import notify, publishing
from escalation.models import Clock, ClockStep, Escalation, EscalationStep, Policy
from escalation.raising import TRIES, raise_next
from tests.escalation.conftest import DAY, HOUR, MINUTE, clock, path, policy, sweep
from tests.escalation.test_clocks import answer
from tickets.models import Ticket, TicketEvent
from tickets.outbox.models import OutgoingMail
from tickets.services import triage

Open = Callable[..., Ticket]
MICROSECOND = timedelta(microseconds=1)


def alerts() -> list[str]:
    rows = OutgoingMail.objects.filter(purpose="alert").order_by("pk")
    return list(rows.values_list("subject", flat=True))


def told(ticket: Ticket) -> list[tuple[str, int, int, list[str]]]:
    rows = EscalationStep.objects.filter(escalation__ticket=ticket, passed_over=False)
    return [
        (row.escalation.trigger, row.level, row.repeat, row.told_names)
        for row in rows.order_by("at", "pk").select_related("escalation")
    ]


def test_nothing_happens_before_its_time(desk, opened: Open, now: datetime) -> None:
    opened()
    assert not raise_next(now + 18 * HOUR - MICROSECOND)
    assert raise_next(now + 18 * HOUR)


def test_a_deadline_met_at_the_very_instant_is_met(desk, opened: Open, now: datetime) -> None:
    ticket = opened()
    sweep(now + DAY)
    assert clock(ticket, "first_reply").state == "running"
    answer(ticket, desk.ana, now + DAY)
    sweep(now + DAY + HOUR)
    first = clock(ticket, "first_reply")
    assert (first.state, first.breached_at) == ("met", None)


def test_one_microsecond_later_it_is_missed(desk, opened: Open, now: datetime) -> None:
    ticket = opened()
    sweep(now + DAY + MICROSECOND)
    assert clock(ticket, "first_reply").state == "breached"


def test_a_breach_keeps_its_true_instant_and_when_it_was_seen(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened()
    sweep(now + DAY + 3 * MINUTE)
    late = clock(ticket, "first_reply")
    assert (late.breached_at, late.detected_at) == (now + DAY, now + DAY + 3 * MINUTE)
    event = TicketEvent.objects.get(ticket=ticket, kind="breached")
    assert (event.at, event.recorded_at) == (now + DAY, now + DAY + 3 * MINUTE)
    assert event.data["metric"] == "first_reply"


def test_a_warning_tells_whoever_works_on_it_once(desk, opened: Open, now: datetime) -> None:
    ticket = opened(assignee=desk.ana)
    for minutes in range(0, 25, 5):
        sweep(now + 18 * HOUR + minutes * MINUTE)
    assert told(ticket) == [("warning", 1, 0, ["Ana"])]
    assert alerts() == [f"[{ticket.reference}] Due soon: How does it work?"]


def test_an_unanswered_warning_reaches_the_supervisors(desk, opened: Open, now: datetime) -> None:
    ticket = opened(assignee=desk.ana)
    sweep(now + 18 * HOUR)
    sweep(now + 18 * HOUR + 30 * MINUTE)
    assert told(ticket)[-1] == ("warning", 2, 0, ["Sue"])


def test_a_warning_on_nobodys_ticket_falls_to_the_supervisors_and_says_so(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened()
    sweep(now + 18 * HOUR)
    assert told(ticket)[-1] == ("warning", 2, 0, ["Sue"])
    remark = "Level 1 reaches nobody: the ticket is assigned to nobody who can be told."
    assert [step.remark for step in EscalationStep.objects.order_by("level")] == [remark, remark]


def test_the_breach_ends_the_warnings_climb_and_starts_its_own(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened(assignee=desk.ana)
    sweep(now + 18 * HOUR)
    sweep(now + DAY + MINUTE)
    warning, breach = Escalation.objects.filter(ticket=ticket).order_by("pk")
    assert (warning.state, warning.next_step_at) == ("ended", None)
    assert (breach.trigger, breach.state, breach.level) == ("breach", "open", 1)
    ticket.refresh_from_db()
    assert (ticket.is_late, ticket.escalation_level) == (True, 1)


def test_each_further_warning_tells_again(desk, opened: Open, now: datetime) -> None:
    wake = path("Wake", now, {"who": "supervisors"})
    policy(
        "Two warnings", now,
        {"metric": "first_reply", "duration": 4 * HOUR, "warnings": "50%, 30 min before",
         "warning_path": wake},
    )  # fmt: skip
    ticket = opened()
    sweep(now + 2 * HOUR)
    sweep(now + 3.5 * HOUR)
    assert [step[0] for step in told(ticket)] == ["warning", "warning"]
    assert Escalation.objects.filter(ticket=ticket, state="open").count() == 1


def test_late_answers_climb_level_by_level_with_repeats(desk, opened: Open, now: datetime) -> None:
    ticket = opened(assignee=desk.ana)
    for minutes in range(0, 25 * 60, 10):
        sweep(now + DAY + minutes * MINUTE + MICROSECOND)
    assert [step for step in told(ticket) if step[0] == "breach"] == [
        ("breach", 1, 0, ["Sue"]),
        ("breach", 1, 1, ["Sue"]),
        ("breach", 2, 0, ["Eve"]),
        ("breach", 3, 0, ["Ada"]),
    ]
    climb = Escalation.objects.get(ticket=ticket, trigger="breach")
    assert (climb.level, climb.next_step_at) == (3, None)


def test_whoever_is_told_may_see_the_ticket(desk, opened: Open, now: datetime) -> None:
    ticket = opened()
    sweep(now + DAY + 3 * HOUR)
    assert Ticket.objects.visible_to(desk.eve).filter(pk=ticket.pk).exists()
    assert not Ticket.objects.visible_to(desk.max).filter(pk=ticket.pk).exists()


def test_after_downtime_only_the_level_of_now_is_told(desk, opened: Open, now: datetime) -> None:
    ticket = opened(assignee=desk.ana)
    sweep(now + DAY + 3 * HOUR)
    assert told(ticket) == [("breach", 2, 0, ["Eve"])]
    passed = EscalationStep.objects.filter(passed_over=True).order_by("level", "repeat")
    assert [(step.level, step.repeat, step.told) for step in passed] == [(1, 0, []), (1, 1, [])]
    warned = TicketEvent.objects.get(ticket=ticket, kind="warned")
    assert warned.at == now + 18 * HOUR
    assert len(alerts()) == 1


def test_what_was_answered_before_anybody_looked_is_recorded_but_alarms_nobody(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened()
    answer(ticket, desk.ana, now + DAY + MINUTE)
    sweep(now + DAY + 2 * MINUTE)
    late = clock(ticket, "first_reply")
    assert (late.state, late.breached_at) == ("met_late", now + DAY)
    assert late.detected_at == now + DAY + 2 * MINUTE
    assert alerts() == []


def test_an_answer_ends_the_climb(desk, opened: Open, now: datetime) -> None:
    ticket = opened()
    sweep(now + DAY + MINUTE)
    answer(ticket, desk.ana, now + DAY + HOUR / 2)
    climb = Escalation.objects.get(ticket=ticket, trigger="breach")
    assert (climb.state, climb.ended_because) == ("ended", "It was done, late.")
    count = len(alerts())
    sweep(now + 2 * DAY)
    assert len(alerts()) == count
    ticket.refresh_from_db()
    assert ticket.escalation_level == 0


def test_solving_ends_every_climb(desk, opened: Open, now: datetime) -> None:
    ticket = opened(category=desk.management)
    assert Escalation.objects.filter(ticket=ticket, state="open").count() == 1
    triage.set_status(ticket=ticket, status="solved", actor=desk.ana, now=now + MINUTE)
    assert set(ticket.escalations.values_list("state", flat=True)) == {"ended"}


def test_a_retarget_into_the_past_breaks_at_the_instant_of_the_change(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened()
    triage.set_priority(ticket=ticket, priority="urgent", actor=desk.ana, now=now + 5 * HOUR)
    sweep(now + 5 * HOUR + MINUTE)
    late = clock(ticket, "first_reply")
    assert (late.breached_at, late.due_at) == (now + 5 * HOUR, now + 4 * HOUR)


def test_relaxing_does_not_erase_a_recorded_breach(desk, opened: Open, now: datetime) -> None:
    ticket = opened(priority="urgent")
    sweep(now + 5 * HOUR)
    triage.set_priority(ticket=ticket, priority="low", actor=desk.ana, now=now + 6 * HOUR)
    sweep(now + 7 * HOUR)
    assert clock(ticket, "first_reply").breached_at == now + 4 * HOUR
    assert TicketEvent.objects.filter(ticket=ticket, kind="breached").count() == 1


def test_a_second_sweep_at_the_same_instant_does_nothing(desk, opened: Open, now: datetime) -> None:
    for _ in range(5):
        opened()
    sweep(now + DAY + MINUTE)
    before = (ClockStep.objects.count(), EscalationStep.objects.count(), len(alerts()))
    assert sweep(now + DAY + MINUTE) == 0
    assert (ClockStep.objects.count(), EscalationStep.objects.count(), len(alerts())) == before


def test_a_row_that_is_not_due_after_all_is_corrected(desk, opened: Open, now: datetime) -> None:
    ticket = opened()
    Clock.objects.filter(ticket=ticket).update(next_step_at=now)
    assert sweep(now) == 1
    assert clock(ticket, "first_reply").next_step_at == now + 18 * HOUR
    assert not ClockStep.objects.exists()


def test_the_longest_overdue_come_first_and_a_batch_is_limited(
    desk, opened: Open, now: datetime
) -> None:
    young, old = opened(now=now + HOUR), opened()
    assert raise_next(now + 3 * DAY, limit=1)
    assert clock(old, "first_reply").detected_at
    assert clock(young, "first_reply").detected_at is None


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """Tickets (by id) on which telling anybody fails."""
    bad: set[int] = set()
    real = notify.Crew.reach

    def reach(self: notify.Crew, step: Any, ticket: Ticket) -> Any:
        if ticket.pk in bad:
            raise ValueError("poison")
        return real(self, step, ticket)

    monkeypatch.setattr(notify.Crew, "reach", reach)
    return bad


def test_a_failing_ticket_spoils_nothing_for_the_others(
    desk, opened: Open, now: datetime, poisoned: set[int]
) -> None:
    bad, good = opened(), opened()
    poisoned.add(bad.pk)
    at = now + DAY + MINUTE
    sweep(at)
    assert clock(good, "first_reply").detected_at == at
    set_back = clock(bad, "first_reply")
    assert set_back.detected_at is None
    assert (set_back.failures, set_back.last_error) == (1, "ValueError: poison")
    assert set_back.next_step_at == at + timedelta(seconds=30)
    assert not TicketEvent.objects.filter(ticket=bad, kind="breached").exists()


def test_a_failing_ticket_is_tried_later_and_later_then_parked(
    desk, opened: Open, now: datetime, poisoned: set[int]
) -> None:
    ticket = opened()
    poisoned.add(ticket.pk)
    at, waits = now + DAY + MINUTE, []
    for _ in range(TRIES - 1):
        sweep(at)
        again = clock(ticket, "first_reply").next_step_at
        assert again
        waits.append((again - at).total_seconds())
        at = again
    assert waits == [30, 120, 480, 1920]
    sweep(at)
    parked = clock(ticket, "first_reply")
    assert (parked.parked_at, parked.next_step_at) == (at, None)
    assert sweep(at + DAY) == 0


def test_a_ticket_that_recovers_starts_counting_afresh(
    desk, opened: Open, now: datetime, poisoned: set[int]
) -> None:
    ticket = opened()
    poisoned.add(ticket.pk)
    sweep(now + DAY + MINUTE)
    poisoned.clear()
    sweep(now + DAY + 2 * MINUTE)
    well = clock(ticket, "first_reply")
    assert (well.failures, well.last_error) == (0, "")
    assert well.detected_at == now + DAY + 2 * MINUTE
    assert told(ticket) == [("breach", 1, 0, ["Sue"])]


def test_a_database_in_trouble_is_not_the_tickets_fault(
    desk, opened: Open, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = opened()

    def gone(*_: Any, **__: Any) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr("escalation.raising.read", gone)
    with pytest.raises(OperationalError):
        raise_next(now + 2 * DAY)
    assert clock(ticket, "first_reply").failures == 0


def test_the_queries_of_a_batch_do_not_grow_with_its_tickets(
    desk, opened: Open, now: datetime, django_assert_max_num_queries
) -> None:
    for number in range(30):
        opened(now=now + number * MINUTE)
    sweep(now + 19 * HOUR)
    with django_assert_max_num_queries(20 + 3 * 30):
        sweep(now + DAY + 30 * MINUTE)
    assert EscalationStep.objects.filter(escalation__trigger="breach").count() == 30


def test_looking_when_nothing_is_due_costs_two_queries(
    desk, opened: Open, now: datetime, django_assert_max_num_queries
) -> None:
    opened()
    with django_assert_max_num_queries(4):  # and the savepoint of the test's own transaction
        assert not raise_next(now)


def test_a_deleted_path_still_alarms_somebody(desk, opened: Open, now: datetime) -> None:
    gone = path("Short-lived", now, {"who": "admins"})
    made = policy("Brief", now, {"metric": "first_reply", "duration": HOUR, "path": gone})
    ticket = opened()
    made.targets.update(path=None)
    gone.delete()
    publishing.announce()
    sweep(now + HOUR + MINUTE)
    assert told(ticket) == [("breach", 1, 0, ["Sue"])]


def test_a_switched_off_policy_keeps_its_tickets(desk, opened: Open, now: datetime) -> None:
    ticket = opened()
    questions = Policy.objects.get(name="Product questions")
    questions.active = False
    questions.save()
    publishing.publish_policy(policy=questions, now=now)
    sweep(now + DAY + MINUTE)
    assert clock(ticket, "first_reply").state == "breached"
