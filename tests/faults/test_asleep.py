"""Three hours asleep: what is overdue is recorded once, and only whom it concerns now is told."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from escalation.models import Clock, ClockStep, Escalation, EscalationStep
from tests.faults.servers import running, wait_until
from tests.flows.conftest import DAY, HOUR, MINUTE, Company
from tests.inbound.conftest import written
from tickets.models import Ticket, TicketEvent

ASLEEP = 3 * HOUR
CELERY = ("-m", "celery", "-A", "config")


def told(ticket: Ticket) -> list[tuple[str, int, int]]:
    rows = EscalationStep.objects.filter(escalation__ticket=ticket, passed_over=False)
    return list(rows.order_by("at", "pk").values_list("escalation__trigger", "level", "repeat"))


def passed_over(ticket: Ticket) -> list[tuple[str, int, int]]:
    rows = EscalationStep.objects.filter(escalation__ticket=ticket, passed_over=True)
    return sorted(rows.values_list("escalation__trigger", "level", "repeat"))


def test_a_warning_and_a_breach_slept_through_are_recorded_and_the_level_of_now_is_told(
    company: Company, ticket: Ticket, now: datetime
) -> None:
    sent = company.sweeps(now + DAY + ASLEEP)
    assert [to for to, _ in sent] == ["eve@company.example"]
    assert told(ticket) == [("breach", 2, 0)]
    assert passed_over(ticket) == [("breach", 1, 0), ("breach", 1, 1)]
    facts = {
        kind: ticket.events.get(kind=kind)
        for kind in (TicketEvent.Kind.WARNED, TicketEvent.Kind.BREACHED)
    }
    assert {kind: event.at for kind, event in facts.items()} == {
        "warned": now + 18 * HOUR, "breached": now + DAY,
    }  # fmt: skip
    assert {event.recorded_at for event in facts.values()} == {now + DAY + ASLEEP}


def test_a_climb_under_way_goes_on_at_the_level_where_it_would_stand(
    company: Company, ticket: Ticket, now: datetime
) -> None:
    begun = now + DAY + MINUTE
    assert [to for to, _ in company.sweeps(begun)] == ["sue@company.example"]
    assert [to for to, _ in company.sweeps(begun + ASLEEP)] == ["eve@company.example"]
    assert told(ticket) == [("breach", 1, 0), ("breach", 2, 0)]
    assert passed_over(ticket) == [("breach", 1, 1)]


def test_waking_twice_records_and_tells_nothing_twice(
    company: Company, ticket: Ticket, now: datetime
) -> None:
    woken = now + DAY + ASLEEP
    company.sweeps(woken)
    before = (ClockStep.objects.count(), EscalationStep.objects.count())
    assert company.sweeps(woken) == []
    assert company.sweeps(woken + MINUTE) == []
    assert (ClockStep.objects.count(), EscalationStep.objects.count()) == before


def test_a_reply_whose_hold_ended_meanwhile_leaves_and_counts_from_when_it_left(
    company: Company, cast: SimpleNamespace, ticket: Ticket, now: datetime
) -> None:
    said = {"body": "A new one leaves today.", "cc": ""}
    company.posts(cast.ana, f"/tickets/{ticket.reference}/reply/", now + 23 * HOUR, **said)
    woken = now + 23 * HOUR + ASLEEP
    assert "carla@acme.example" in {to for to, _ in company.sweeps(woken)}
    clock = Clock.objects.get(ticket=ticket, metric="first_reply")
    assert (clock.state, clock.breached_at, clock.satisfied_at) == ("met_late", now + DAY, woken)
    assert not Escalation.objects.filter(ticket=ticket, state="open").exists()


def test_what_a_customer_wrote_meanwhile_counts_from_when_it_was_received(
    company: Company, cast: SimpleNamespace, now: datetime
) -> None:
    company.receives(written(), now)  # the pipe works without a sweep
    sent = company.sweeps(now + ASLEEP)
    assert [to for to, _ in sent] == ["carla@acme.example"]
    clock = Clock.objects.get(metric="first_reply")
    assert (clock.started_at, clock.due_at) == (now, now + DAY)


@pytest.mark.servers
def test_workers_that_come_back_after_three_hours_tell_only_the_level_of_now(
    scene: Callable[..., None], environment: dict[str, str], tmp_path: Path
) -> None:
    scene("due", 200, -ASLEEP.total_seconds())
    beat = (*CELERY, "beat", "--schedule", str(tmp_path / "beat"))
    worker = (*CELERY, "worker", "--concurrency", "2")
    with ExitStack() as stack, psycopg.connect(environment["DATABASE_URL"]) as link:
        link.autocommit = True

        def count(what: str) -> int:
            row = link.execute(f"SELECT count(*) FROM {what}").fetchone()
            return int(row[0]) if row else -1

        for arguments in (beat, worker):
            stack.enter_context(running(*arguments, environment=environment, log=tmp_path / "log"))
        breaches = "escalation_clockstep WHERE kind = 'breach'"
        took = wait_until(lambda: count(breaches) == 200, 60, "everything overdue is recorded")
        print(f"Three hours asleep: 200 deadlines were caught up in {took:.1f} s")
        late = "detected_at - breached_at BETWEEN '3 hours' AND '3 hours 2 minutes'"
        assert count(f"escalation_clock WHERE {late}") == 200
        assert count("tickets_ticketevent WHERE kind = 'breached'") == 200
        steps = "escalation_escalationstep WHERE"
        assert count(f"{steps} NOT passed_over AND level = 2 AND repeat = 0") == 200
        assert count(f"{steps} NOT passed_over") == 200
        assert count(f"{steps} passed_over AND level = 1") == 400
