"""Facts move clocks, and the ticket shows what lists need."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from escalation import clocks, publishing
from escalation.models import Calendar, CalendarException, Clock, OpeningHours
from tests.escalation.conftest import DAY, HOUR, MINUTE, clock, policy, sweep
from tickets import events
from tickets.calls import services as calls
from tickets.models import Message, Ticket, TicketEvent
from tickets.outbox import services as outbox
from tickets.services import conversation, triage

Open = Callable[..., Ticket]


def say(ticket: Ticket, at: datetime) -> None:
    conversation.customer_message(
        ticket=ticket, contact=ticket.requester, body="And now?", received_at=at, now=at
    )


def answer(ticket: Ticket, author, at: datetime) -> None:
    """A reply that has left."""
    written = conversation.reply(ticket=ticket, author=author, body="So.", now=at - MINUTE * 2)
    assert written.mail
    outbox.send_now(mail=written.mail, now=at)
    outbox.deliver_due(at)


def test_a_released_reply_satisfies_the_first_reply_and_starts_the_update(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened()
    answer(ticket, desk.ana, now + HOUR)
    first = clock(ticket, "first_reply")
    assert (first.state, first.satisfied_at) == ("met", now + HOUR)
    assert clock(ticket, "update").due_at == now + HOUR + 2 * DAY


def test_a_held_reply_satisfies_nothing_and_a_recall_leaves_no_trace(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened()
    before = Clock.objects.filter(ticket=ticket).values().order_by("pk")
    was = list(before)
    reply = conversation.reply(ticket=ticket, author=desk.ana, body="Wrong", now=now + HOUR)
    conversation.recall(message=reply, actor=desk.ana, now=now + HOUR + MINUTE)
    assert list(before.all()) == was


def test_notes_and_assignments_satisfy_nothing(desk, opened: Open, now: datetime) -> None:
    ticket = opened()
    conversation.note(ticket=ticket, author=desk.ana, body="Hm.", now=now + HOUR)
    triage.assign(ticket=ticket, assignee=desk.ana, actor=desk.ana, now=now + HOUR)
    assert clock(ticket, "first_reply").state == "running"


def test_a_call_that_reached_the_customer_is_a_first_reply(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened()
    calls.log_call(
        ticket=ticket, contact=ticket.requester, direction="outbound", outcome="reached",
        started_at=now + HOUR, ended_at=now + HOUR + MINUTE, summary="Explained.", actor=desk.ana,
        now=now + HOUR + MINUTE,
    )  # fmt: skip
    assert clock(ticket, "first_reply").state == "met"


def test_pending_pauses_the_resolution_and_shows_it(desk, opened: Open, now: datetime) -> None:
    ticket = opened()
    answer(ticket, desk.ana, now + HOUR)
    triage.set_status(ticket=ticket, status="pending", actor=desk.ana, now=now + 2 * HOUR)
    assert clock(ticket, "resolution").state == "paused"
    ticket.refresh_from_db()
    assert (ticket.is_paused, ticket.next_due_at) == (True, None)
    say(ticket, now + 26 * HOUR)
    assert clock(ticket, "resolution").due_at == now + 5 * DAY + DAY
    ticket.refresh_from_db()
    assert not ticket.is_paused
    assert ticket.next_due_metric == "next_reply"


def test_solving_meets_the_resolution_and_reopening_continues_it(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened()
    answer(ticket, desk.ana, now + HOUR)
    triage.set_status(ticket=ticket, status="solved", actor=desk.ana, now=now + 2 * HOUR)
    assert clock(ticket, "resolution").state == "met"
    say(ticket, now + 2 * HOUR + DAY)
    assert clock(ticket, "resolution", 2).due_at == now + 5 * DAY + DAY


def test_merging_cancels_the_sources_clocks(desk, opened: Open, now: datetime) -> None:
    source, target = opened(), opened(now=now + HOUR)
    triage.merge(source=source, target=target, actor=desk.ana, now=now + 2 * HOUR)
    assert set(source.clocks.values_list("state", flat=True)) == {"cancelled"}
    assert clock(target, "first_reply").due_at == now + DAY
    assert sweep(now + 30 * DAY) > 0
    assert not source.escalations.exists()


def test_changing_the_customer_or_the_assignee_restarts_nothing(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened()
    triage.change_requester(ticket=ticket, requester=desk.carla, actor=desk.ana, now=now + HOUR)
    triage.move_to_team(ticket=ticket, team=desk.billing, actor=desk.ana, now=now + HOUR)
    first = clock(ticket, "first_reply")
    assert (first.started_at, first.due_at) == (now, now + DAY)


def test_a_promised_call_has_its_own_clock(desk, opened: Open, now: datetime) -> None:
    ticket = opened()
    promise = calls.promise_callback(
        ticket=ticket, due_at=now + HOUR, actor=desk.ana, because="She asked for it.", now=now
    )
    owed = Clock.objects.get(ticket=ticket, metric="callback", subject=str(promise.pk))
    assert owed.due_at == now + HOUR
    ticket.refresh_from_db()
    assert ticket.next_due_metric == "callback"


def test_as_many_attempts_as_the_schedule_says_keep_a_callback(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened()
    promise = calls.promise_callback(
        ticket=ticket, due_at=now + 9 * HOUR, actor=desk.ana, because="Promised.", now=now
    )
    for number in (1, 2, 3):
        at = now + number * HOUR
        calls.log_call(
            ticket=ticket, contact=ticket.requester, direction="outbound", outcome="no_answer",
            started_at=at, ended_at=at + MINUTE, summary="", actor=desk.ana, now=at + MINUTE,
        )  # fmt: skip
        promise.refresh_from_db()
        assert promise.state == ("kept" if number == 3 else "open")
    assert Clock.objects.get(ticket=ticket, metric="callback").state == "met"


@pytest.fixture
def office(db: None, now: datetime) -> Calendar:
    calendar = Calendar.objects.create(name="New York office", time_zone="America/New_York")
    for day in range(5):
        OpeningHours.objects.create(calendar=calendar, weekday=day, opens="09:00", closes="17:00")
    calendar.refresh_from_db()
    publishing.publish_calendar(calendar=calendar, now=now)
    return calendar


def test_business_time_counts_open_hours_only(
    desk, opened: Open, office: Calendar, now: datetime
) -> None:
    policy("Office", now, {"metric": "first_reply", "duration": 10 * HOUR, "calendar": office})
    # Tuesday 09:00 in New York: eight hours on Tuesday, two on Wednesday.
    assert clock(opened(), "first_reply").due_at == now + timedelta(hours=26)


def test_a_holiday_declared_now_moves_running_deadlines_and_leaves_a_version(
    desk, opened: Open, office: Calendar, now: datetime
) -> None:
    policy("Office", now, {"metric": "first_reply", "duration": 10 * HOUR, "calendar": office})
    ticket = opened()
    CalendarException.objects.create(
        calendar=office, date="2026-03-04", kind="closed", name="Snow day"
    )
    office.refresh_from_db()
    version = publishing.publish_calendar(calendar=office, now=now + HOUR, actor=desk.ada)
    assert version
    assert (version.number, version.effective_at, version.made_by) == (2, now + HOUR, desk.ada)
    sweep(now + HOUR)
    moved = clock(ticket, "first_reply")
    assert moved.due_at == now + timedelta(hours=50)
    assert moved.next_step_at == moved.due_at + timedelta(microseconds=1)
    ticket.refresh_from_db()
    assert ticket.next_due_at == moved.due_at
    account = clocks.explain_clock(moved, ZoneInfo("America/New_York"), now + HOUR)
    assert account
    assert "Snow day" in account.text


def test_saving_a_calendar_unchanged_makes_no_version(office: Calendar, now: datetime) -> None:
    assert publishing.publish_calendar(calendar=office, now=now + HOUR) is None


def test_a_deadline_that_moves_shortens_a_hold(desk, opened: Open, now: datetime) -> None:
    ticket = opened()
    reply = conversation.reply(ticket=ticket, author=desk.ana, body="So.", now=now + 220 * MINUTE)
    triage.set_priority(ticket=ticket, priority="urgent", actor=desk.ana, now=now + 221 * MINUTE)
    mail = Message.objects.get(pk=reply.pk).mail
    assert mail
    assert mail.release_at == now + 238 * MINUTE


def test_what_lists_show_changes_without_a_new_version_of_the_ticket(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened()
    ticket.refresh_from_db()
    version = ticket.version
    sweep(now + 2 * DAY)
    ticket.refresh_from_db()
    assert ticket.is_late
    assert ticket.version == version


def test_refreshing_what_has_not_changed_writes_nothing(
    desk, opened: Open, now: datetime, django_assert_num_queries
) -> None:
    ticket = opened()
    ticket.refresh_from_db()
    with django_assert_num_queries(
        6
    ) as queries:  # revision, events, bindings, clocks, steps, climbs
        clocks.refresh(ticket=ticket, now=now)
    assert not [q for q in queries if q["sql"].startswith(("UPDATE", "INSERT"))]


def test_opening_a_ticket_costs_few_queries_for_its_clocks(
    desk, opened: Open, now: datetime, django_assert_max_num_queries
) -> None:
    opened()
    with django_assert_max_num_queries(24):
        opened()


def test_a_ticket_nobody_bound_is_bound_when_it_is_looked_at(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened()
    Clock.objects.filter(ticket=ticket).delete()
    ticket.bindings.all().delete()
    clocks.refresh(ticket=ticket, now=now + HOUR)
    assert clock(ticket, "first_reply").due_at == now + DAY


def test_an_event_of_ours_does_not_call_us_again(desk, opened: Open, now: datetime) -> None:
    ticket = opened()
    count = TicketEvent.objects.filter(ticket=ticket).count()
    events.record(ticket, TicketEvent.Kind.ESCALATED, at=now, now=now)
    assert TicketEvent.objects.filter(ticket=ticket).count() == count + 1
