"""What was put aside comes back at its instant, once, and whoever has it is told."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from escalation import pulse, returning, tasks
from escalation.returning import bring_back
from escalation.tasks import sweep_until_idle
from tests.escalation.conftest import DAY, HOUR, MINUTE, clock, policy, sweep
from tests.factories import at_once, customer_writes, event, kinds
from tests.routing.conftest import out
from tickets.live import handlers
from tickets.live.topics import Kind, Message, person
from tickets.models import Ticket
from tickets.outbox.models import Delivery, OutgoingMail
from tickets.services import changes, triage

Open = Callable[..., Ticket]
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def aside(desk: SimpleNamespace, opened: Open, now: datetime) -> Open:
    """Ana's, pending until tomorrow unless it is said otherwise."""

    def make(until: datetime = now + DAY, status: str = "pending", **fields: Any) -> Ticket:
        ticket = opened(**{"assignee": desk.ana} | fields)
        wanted = {"status": status, "comes_back_at": until}
        return changes.apply(ticket=ticket, changes=wanted, actor=desk.ana, now=now)

    return make


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Ticket], None]:
    """Makes a ticket fail as a broken rule or row would: half-way, with its status written."""
    broken: set[int] = set()
    told = returning.events.record

    def record(ticket: Ticket, *args: Any, **fields: Any) -> Any:
        if ticket.pk in broken:
            raise ValueError("broken")
        return told(ticket, *args, **fields)

    monkeypatch.setattr(returning.events, "record", record)
    return lambda ticket: broken.add(ticket.pk)


def state(ticket: Ticket) -> tuple[str, datetime | None]:
    ticket.refresh_from_db()
    return ticket.status, ticket.comes_back_at


def mails() -> list[tuple[str, list[str]]]:
    rows = OutgoingMail.objects.filter(subject__contains="Back:").order_by("pk")
    return [(row.subject, [each.email for each in row.deliveries.all()]) for row in rows]


@pytest.mark.parametrize("status", ["pending", "on_hold"])
def test_it_comes_back_at_its_very_instant(aside: Open, now: datetime, status: str) -> None:
    ticket = aside(status=status)
    assert not bring_back(now + DAY - MICROSECOND)
    assert state(ticket) == (status, now + DAY)
    assert bring_back(now + DAY)
    assert state(ticket) == ("open", None)
    assert not bring_back(now + DAY)


def test_it_says_that_it_came_back_and_whom_that_was_told(
    desk: SimpleNamespace, aside: Open, now: datetime
) -> None:
    ticket = aside()
    bring_back(now + DAY + HOUR)
    told = event(ticket, "came_back")
    assert (told.at, told.recorded_at, told.actor) == (now + DAY, now + DAY + HOUR, None)
    assert (told.data["told"], told.data["remark"]) == (["Ana"], "")
    assert mails() == [(f"[{ticket.reference}] Back: How does it work?", [desk.ana.email])]
    text = OutgoingMail.objects.get(subject__contains="Back:").text
    assert "it was put aside until Wed 4 Mar 2026 14:00 UTC." in text
    assert "«I cannot find the switch.»" in text
    assert f"/tickets/{ticket.reference}/" in text


def test_what_was_put_aside_until_later_stays(aside: Open, now: datetime) -> None:
    first, second = aside(), aside(until=now + 2 * DAY)
    bring_back(now + DAY)
    assert (state(first)[0], state(second)[0]) == ("open", "pending")


def test_the_pause_ends_at_the_instant_that_was_chosen_however_late_we_look(
    desk: SimpleNamespace, aside: Open, now: datetime
) -> None:
    """sla.md rules 4 and 11: after downtime the clock goes on from the true instant."""
    policy(
        "Brief", now, {"metric": "resolution", "duration": 8 * HOUR, "pause_on": ["pending"]},
        {"metric": "first_reply", "duration": 9 * DAY},
    )  # fmt: skip
    ticket = aside()
    assert clock(ticket, "resolution").state == "paused"
    bring_back(now + DAY + 3 * HOUR)
    assert clock(ticket, "resolution").due_at == now + DAY + 8 * HOUR
    sweep(now + DAY + 8 * HOUR)
    assert clock(ticket, "resolution").breached_at is None
    sweep(now + DAY + 8 * HOUR + MICROSECOND)
    assert clock(ticket, "resolution").breached_at == now + DAY + 8 * HOUR


def test_who_is_out_has_their_deputy_told_who_then_sees_it(
    desk: SimpleNamespace, aside: Open, now: datetime
) -> None:
    out(desk.ana, now, ends_at=now + 3 * DAY, deputy=desk.bo)
    ticket = aside()
    bring_back(now + DAY)
    assert [each for _, each in mails()] == [[desk.bo.email]]
    assert event(ticket, "came_back").data["told"] == ["Bo"]
    assert "Ana is out until" in OutgoingMail.objects.get(subject__contains="Back:").text
    assert Ticket.objects.visible_to(desk.bo).filter(pk=ticket.pk).exists()
    assert Ticket.objects.get(pk=ticket.pk).assignee == desk.ana


def test_where_nobody_stands_in_those_who_lead_the_team_are_told(
    desk: SimpleNamespace, aside: Open, now: datetime
) -> None:
    out(desk.ana, now, ends_at=now + 3 * DAY)
    aside()
    bring_back(now + DAY)
    assert [each for _, each in mails()] == [[desk.sue.email]]


def test_what_nobody_has_stands_in_the_teams_queue_and_writes_to_nobody(
    desk: SimpleNamespace, aside: Open, now: datetime
) -> None:
    ticket = aside(assignee=None)
    bring_back(now + DAY)
    assert state(ticket)[0] == "open"
    assert (mails(), event(ticket, "came_back").data["told"]) == ([], [])


def test_what_nobody_has_finds_somebody_where_the_team_shares_out_by_itself(
    desk: SimpleNamespace, aside: Open, now: datetime
) -> None:
    ticket = aside(assignee=None)
    desk.support.assignment = "least_loaded"
    desk.support.save()
    bring_back(now + DAY)
    ticket.refresh_from_db()
    assert ticket.assignee is not None
    assert [each for _, each in mails()] == [[ticket.assignee.email]]


def test_who_cannot_be_mailed_is_told_at_the_desk_all_the_same(
    desk: SimpleNamespace, aside: Open, now: datetime
) -> None:
    desk.ana.email = ""
    desk.ana.save()
    ticket = aside()
    bring_back(now + DAY)
    assert (mails(), event(ticket, "came_back").data["told"]) == ([], ["Ana"])


def test_open_pages_of_whoever_is_told_hear_of_it(
    desk: SimpleNamespace, aside: Open, now: datetime,
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    ticket, heard = aside(), list[Message]()
    monkeypatch.setattr(handlers, "say", heard.append)
    with django_capture_on_commit_callbacks(execute=True):
        bring_back(now + DAY)
    assert Message(Kind.NOTICE, frozenset({person(desk.ana.pk)})) in heard
    assert {each.reference for each in heard if each.kind == Kind.CHANGED} == {ticket.reference}


def test_one_that_fails_is_set_back_whole_and_keeps_nobody_from_coming_back(
    aside: Open, now: datetime, failing: Callable[[Ticket], None]
) -> None:
    first, second = aside(), aside(until=now + DAY + MINUTE)
    failing(first)
    at = now + DAY + 10 * MINUTE
    assert bring_back(at)
    assert (state(first), state(second)) == (("pending", now + DAY), ("open", None))
    assert first.comes_back_retry_at == at + 10 * MINUTE
    assert "status_changed" not in kinds(first)[kinds(first).index("put_aside") :]
    assert not bring_back(at + 9 * MINUTE)
    assert bring_back(at + 10 * MINUTE)
    first.refresh_from_db()
    assert first.comes_back_retry_at == at + 30 * MINUTE


def test_what_failed_comes_back_once_it_can_at_its_true_instant(
    aside: Open, now: datetime, failing: Callable[[Ticket], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = aside()
    failing(ticket)
    bring_back(now + DAY)
    monkeypatch.undo()
    bring_back(now + DAY + MINUTE)
    assert state(ticket) == ("open", None)
    assert ticket.comes_back_retry_at is None
    assert event(ticket, "came_back").at == now + DAY


def test_an_admin_hears_of_what_fails_again_and_again(
    aside: Open, now: datetime, failing: Callable[[Ticket], None]
) -> None:
    failing(aside(until=now + HOUR))
    bring_back(now + HOUR + 10 * MINUTE)
    found = pulse.read(now + HOUR + 10 * MINUTE)
    assert (
        "1 ticket put aside failed to come back by itself; an admin has to look." in found.warnings
    )
    assert not any("A step has been due" in each for each in found.problems)


def test_what_nobody_brings_back_is_a_problem_of_the_timers(aside: Open, now: datetime) -> None:
    aside(until=now + HOUR)
    assert pulse.read(now + HOUR + 2 * MINUTE).overdue == 2 * MINUTE


def test_what_the_database_refuses_for_one_ticket_stops_neither_the_others_nor_deadlines(
    desk: SimpleNamespace, aside: Open, opened: Open, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, sound = aside(), aside(until=now + DAY + MINUTE)
    policy("Quick", now, {"metric": "first_reply", "duration": HOUR})
    promised = opened()
    come_back = triage.come_back

    def times_out(*, ticket: Ticket, **fields: Any) -> None:
        if ticket.pk == slow.pk:
            raise OperationalError("canceling statement due to statement timeout")
        come_back(ticket=ticket, **fields)

    monkeypatch.setattr(returning.triage, "come_back", times_out)
    tasks._act(now + 2 * DAY)
    assert (state(slow), state(sound)) == (("pending", now + DAY), ("open", None))
    assert slow.comes_back_retry_at == now + 2 * DAY + HOUR
    assert "breached" in kinds(promised)


def test_deadlines_are_kept_although_nothing_can_come_back(
    opened: Open, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy("Quick", now, {"metric": "first_reply", "duration": HOUR})
    promised = opened()

    def gone(_: datetime) -> bool:
        raise OperationalError("gone")

    monkeypatch.setattr(tasks, "bring_back", gone)
    with pytest.raises(OperationalError):
        tasks._act(now + 2 * DAY)
    assert "breached" in kinds(promised)


def test_its_page_says_that_it_failed_to_come_back(
    desk: SimpleNamespace, aside: Open, now: datetime, failing: Callable[[Ticket], None],
    client: Client,
) -> None:  # fmt: skip
    ticket = aside()
    failing(ticket)
    bring_back(now + DAY)
    client.force_login(desk.sue)
    page = client.get(f"/tickets/{ticket.reference}/").content.decode()
    assert "failed to come back; is tried again" in page


def test_the_customer_who_was_faster_leaves_nothing_to_bring_back(
    aside: Open, now: datetime
) -> None:
    ticket = aside()
    customer_writes(ticket, now + HOUR)
    assert not bring_back(now + DAY)
    assert "came_back" not in kinds(ticket)


def test_a_date_given_back_after_it_has_passed_brings_it_back_at_once(
    desk: SimpleNamespace, aside: Open, now: datetime
) -> None:
    ticket = aside(until=now + MINUTE)
    triage.set_status(ticket=ticket, status="open", actor=desk.ana, now=now)
    triage.put_back(
        ticket=ticket, status="pending", solved_at=None, comes_back_at=now + MINUTE,
        actor=desk.ana, now=now + 2 * MINUTE, expected_version=ticket.version,
    )  # fmt: skip
    assert bring_back(now + 2 * MINUTE)
    assert state(ticket) == ("open", None)


def test_nothing_to_bring_back_costs_one_small_query(aside: Open, now: datetime) -> None:
    aside()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert not bring_back(now)
    assert len(asked) == 1


def test_more_than_a_batch_comes_back_by_passes(aside: Open, now: datetime) -> None:
    several = [aside() for _ in range(3)]
    assert bring_back(now + DAY, limit=2)
    assert bring_back(now + DAY, limit=2)
    assert not bring_back(now + DAY, limit=2)
    assert {state(each)[0] for each in several} == {"open"}


@pytest.mark.parametrize("way", ["task", "command"])
def test_the_timers_do_it(
    desk: SimpleNamespace, opened: Open, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = opened(assignee=desk.ana, now=timezone.now() - HOUR)
    then = timezone.now() - 10 * MINUTE
    wanted = {"status": "pending", "comes_back_at": then + MINUTE}
    changes.apply(ticket=ticket, changes=wanted, actor=desk.ana, now=then)
    if way == "task":
        sweep_until_idle()
    else:
        call_command("sweep", no_mail=True)
    assert state(ticket) == ("open", None)


@pytest.mark.django_db(transaction=True)
def test_two_workers_bring_it_back_once(aside: Open, now: datetime) -> None:
    ticket = aside()
    at_once(*[lambda: bring_back(now + DAY)] * 4)
    assert kinds(ticket).count("came_back") == 1
    assert Delivery.objects.filter(mail__subject__contains="Back:").count() == 1
