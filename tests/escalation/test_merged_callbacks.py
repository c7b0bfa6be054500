"""A promised call that a merge brings along: kept by what is known since, late only once."""

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace

from escalation.models import Clock, Escalation
from tests.escalation.conftest import HOUR, MINUTE, sweep
from tickets.calls import services as calls
from tickets.models import Ticket, TicketEvent
from tickets.services import triage

Opened = Callable[..., Ticket]


def called(ticket: Ticket, desk: SimpleNamespace, at: datetime, now: datetime) -> None:
    calls.log_call(
        ticket=ticket, contact=desk.carl, direction="outbound", outcome="reached", started_at=at,
        ended_at=at + MINUTE, summary="About it", actor=desk.ben, now=now,
    )  # fmt: skip


def test_a_call_about_the_other_ticket_does_not_keep_a_promise_that_came_later(
    desk: SimpleNamespace, opened: Opened, now: datetime
) -> None:
    target, source = opened(), opened()
    owed = calls.promise_callback(
        ticket=source, due_at=now + 4 * HOUR, actor=desk.ana, because="Asked", now=now + HOUR
    )
    called(target, desk, now + 2 * HOUR, now + 3 * HOUR)
    triage.merge(source=source, target=target, actor=desk.ana, now=now + 3 * HOUR + MINUTE)
    its = Clock.objects.get(ticket=target, metric="callback")
    owed.refresh_from_db()
    assert (owed.state, its.state, its.due_at) == ("open", "running", now + 4 * HOUR)
    target.refresh_from_db()
    called(target, desk, now + 3 * HOUR + 2 * MINUTE, now + 3 * HOUR + 4 * MINUTE)
    its.refresh_from_db()
    owed.refresh_from_db()
    assert (owed.state, its.state) == ("kept", "met")


def test_a_call_that_was_late_before_the_merge_is_not_late_again(
    desk: SimpleNamespace, opened: Opened, now: datetime
) -> None:
    target, source = opened(), opened()
    calls.promise_callback(
        ticket=source, due_at=now + 2 * HOUR, actor=desk.ana, because="Asked", now=now + HOUR
    )
    sweep(now + 3 * HOUR)
    triage.merge(source=source, target=target, actor=desk.ana, now=now + 4 * HOUR)
    sweep(now + 4 * HOUR + MINUTE)
    told = TicketEvent.objects.filter(kind="breached", data__metric="callback")
    assert [event.ticket_id for event in told] == [source.pk]
    its = Clock.objects.get(ticket=target, metric="callback")
    assert its.state == "breached"
    climbs = Escalation.objects.filter(ticket=target, clock=its, ended_at=None)
    assert climbs.count() == 1
