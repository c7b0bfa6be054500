"""The road: a deadline passes, and the chain of authority acts until somebody answers it."""

import threading
from datetime import datetime
from types import SimpleNamespace

import pytest
import time_machine
from django.db import connections

from escalation.models import Clock, ClockStep, Escalation, EscalationStep
from escalation.tasks import sweep
from tests.flows.conftest import DAY, HOUR, MINUTE, Company
from tickets.models import Ticket, TicketEvent
from tickets.outbox import services as outbox

ANA, SUE = "ana@company.example", "sue@company.example"
EVE, ADA = "eve@company.example", "ada@company.example"
SECOND = MINUTE / 60


def about(ticket: Ticket, what: str) -> str:
    return f"[{ticket.reference}] {what}: The lamp flickers"


def climb(ticket: Ticket) -> Escalation:
    return Escalation.objects.get(ticket=ticket, trigger="breach")


def answered(ticket: Ticket, action: str) -> str:
    """The address at which somebody answers the climb."""
    inner = f"escalations/{climb(ticket).pk}/{action}" if action == "acknowledge" else action
    return f"/tickets/{ticket.reference}/{inner}/"


def test_the_warning_the_breach_and_every_level_reach_the_right_people(
    company: Company, ticket: Ticket, now: datetime
) -> None:
    due = now + DAY
    assert company.sweeps(now + 18 * HOUR - SECOND) == []
    assert company.sweeps(now + 18 * HOUR) == [(ANA, about(ticket, "Due soon"))]
    assert company.sweeps(now + 18 * HOUR + 30 * MINUTE) == [(SUE, about(ticket, "Due soon"))]
    assert company.sweeps(due) == []  # an answer would still be in time
    assert company.sweeps(due + SECOND) == [(SUE, about(ticket, "Late"))]
    assert company.sweeps(due + HOUR) == [(SUE, about(ticket, "Late"))]
    assert company.sweeps(due + 2 * HOUR) == [(EVE, about(ticket, "Late"))]
    assert company.sweeps(due + DAY) == [(ADA, about(ticket, "Late"))]


def test_a_breach_is_a_row_an_event_and_a_mark_on_the_ticket(
    company: Company, ticket: Ticket, now: datetime
) -> None:
    seen = now + DAY + 3 * SECOND
    company.sweeps(seen)
    clock = Clock.objects.get(ticket=ticket, metric="first_reply")
    assert (clock.state, clock.breached_at, clock.detected_at) == ("breached", now + DAY, seen)
    event = ticket.events.get(kind=TicketEvent.Kind.BREACHED)
    assert (event.at, event.recorded_at) == (now + DAY, seen)
    assert (climb(ticket).state, climb(ticket).level) == ("open", 1)
    ticket.refresh_from_db()
    assert (ticket.is_late, ticket.escalation_level) == (True, 1)


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ("acknowledge", []),
        # Whoever had it and has not read that on the desk.
        ("take-over", [("ana@company.example", "Sue took this ticket over from you")]),
    ],
)
def test_a_supervisor_who_answers_stops_the_climb(
    company: Company,
    cast: SimpleNamespace,
    ticket: Ticket,
    now: datetime,
    action: str,
    told: list[tuple[str, str]],
) -> None:
    late = now + DAY + SECOND
    company.sweeps(late)
    company.posts(cast.sue, answered(ticket, action), late + MINUTE)
    sent = company.sweeps(late + HOUR)
    assert [(to, subject.split("] ")[1].split(":")[0]) for to, subject in sent] == told
    for hours in (2, 3, 23, 25):
        assert company.sweeps(late + hours * HOUR) == []
    assert climb(ticket).level == 1


def test_who_takes_over_has_the_ticket_and_the_agent_follows_it(
    company: Company, cast: SimpleNamespace, ticket: Ticket, now: datetime
) -> None:
    late = now + DAY + SECOND
    company.sweeps(late)
    company.posts(cast.sue, answered(ticket, "take-over"), late + MINUTE)
    ticket.refresh_from_db()
    assert (ticket.assignee, list(ticket.followers.all())) == (cast.sue, [cast.ana])
    page = company.gets(cast.sue, f"/tickets/{ticket.reference}/escalations/", late + HOUR)
    assert "Sue" in page.content.decode()


def test_a_sweep_that_comes_twice_does_nothing_the_second_time(
    company: Company, ticket: Ticket, now: datetime
) -> None:
    for instant in (now + 18 * HOUR, now + DAY + SECOND, now + DAY + 2 * HOUR):
        assert len(company.sweeps(instant)) == 1
        before = [model.objects.count() for model in (ClockStep, EscalationStep, TicketEvent)]
        assert company.sweeps(instant) == []
        assert before == [
            model.objects.count() for model in (ClockStep, EscalationStep, TicketEvent)
        ]


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_the_same_moment_tell_once(
    company: Company, ticket: Ticket, now: datetime
) -> None:
    gate = threading.Barrier(2)

    def run() -> None:
        gate.wait(20)
        try:
            sweep()
        finally:
            connections.close_all()

    late = now + DAY + SECOND
    with time_machine.travel(late, tick=False):
        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        # Where one had locked the ticket the other skipped it; the next pass finds the rest.
        sweep()
        outbox.deliver_due(late)
    assert company.sent() == [(SUE, about(ticket, "Late"))]
    assert ticket.events.filter(kind=TicketEvent.Kind.BREACHED).count() == 1
