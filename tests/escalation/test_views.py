"""The panels, the answers given in them, and the pages a monitor asks for."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from escalation import pulse
from escalation.models import Clock, Escalation
from escalation.tasks import sweep_until_idle
from tests.escalation.conftest import DAY, HOUR, MINUTE, sweep
from tickets.inbound import services as inbound
from tickets.models import Ticket
from tickets.outbox import services as outbox

Open = Callable[..., Ticket]


@pytest.fixture
def late(desk, opened: Open) -> Ticket:
    """Ana's ticket, late in real time; Sue has been told."""
    real = timezone.now()
    ticket = opened(assignee=desk.ana, now=real - DAY - MINUTE)
    sweep(real)
    return ticket


def page(client: Client, name: str, ticket: Ticket, *more: object, htmx: bool = True) -> str:
    headers = {"HX-Request": "true"} if htmx else {}
    response = client.get(reverse(name, args=[ticket.reference, *more]), headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_the_clocks_panel_says_in_words_what_is_late(desk, late: Ticket, client: Client) -> None:
    client.force_login(desk.ana)
    shown = page(client, "clocks-panel", late)
    assert "first reply late by" in shown
    assert "Why this deadline?" in shown
    assert "<html" not in shown


@pytest.mark.parametrize("name", ["clocks-panel", "escalations-panel"])
def test_without_javascript_a_panel_is_a_page(
    desk, late: Ticket, client: Client, name: str
) -> None:
    client.force_login(desk.ana)
    assert "<html" in page(client, name, late, htmx=False)


def test_the_account_of_a_deadline_is_in_the_readers_zone(
    desk, late: Ticket, client: Client
) -> None:
    desk.ana.time_zone = "Asia/Tokyo"
    desk.ana.save()
    client.force_login(desk.ana)
    clock = late.clocks.get(metric="first_reply")
    account = page(client, "clock-why", late, clock.pk)
    assert "first reply within 24 h" in account
    assert "JST" in account


def test_another_tickets_clock_does_not_exist_here(
    desk, late: Ticket, opened: Open, client: Client
) -> None:
    client.force_login(desk.ana)
    other = opened().clocks.first()
    assert other
    assert client.get(reverse("clock-why", args=[late.reference, other.pk])).status_code == 404


@pytest.mark.parametrize("name", ["clocks-panel", "escalations-panel"])
def test_who_may_not_see_the_ticket_sees_no_panel(
    desk, late: Ticket, client: Client, name: str
) -> None:
    address = reverse(name, args=[late.reference])
    assert client.get(address).status_code == 302
    client.force_login(desk.bo)
    assert client.get(address).status_code == 404


def test_a_panel_costs_the_same_for_few_and_many_rows(desk, late: Ticket, client: Client) -> None:
    client.force_login(desk.sue)
    page(client, "escalations-panel", late)
    with CaptureQueriesContext(connection) as few:
        page(client, "escalations-panel", late)
    for number in range(12):
        Escalation.objects.create(
            ticket=late, trigger="flag", key=str(number), because="Look", level=1,
            started_at=timezone.now(), acknowledged_by=desk.sue, acknowledged_at=timezone.now(),
            state="acknowledged",
        )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        page(client, "escalations-panel", late)
    assert len(many) == len(few)


def test_a_level_that_was_slept_through_is_said_once(
    desk, opened: Open, client: Client, now: datetime
) -> None:
    ticket = opened()
    sweep(now + DAY + 3 * HOUR)
    slept = ticket.escalations.get(trigger="breach").steps.filter(passed_over=True)
    assert slept.count() == 2, "the first telling and its repeat"
    client.force_login(desk.sue)
    assert page(client, "escalations-panel", ticket).count("was passed over") == 1


def test_a_supervisor_acknowledges_takes_over_and_hands_back(
    desk, late: Ticket, client: Client
) -> None:
    client.force_login(desk.sue)
    row = late.escalations.get(trigger="breach")
    assert "Acknowledge" in page(client, "escalations-panel", late)
    client.post(reverse("escalation-acknowledge", args=[late.reference, row.pk]))
    row.refresh_from_db()
    assert row.state == "acknowledged"
    client.post(reverse("ticket-take-over", args=[late.reference]), {"note": "Mine."})
    late.refresh_from_db()
    assert late.assignee == desk.sue
    shown = page(client, "escalations-panel", late)
    assert "Hand it back" in shown
    assert "Take the ticket over" not in shown
    client.post(reverse("ticket-hand-back", args=[late.reference]), {"note": "Go\non."})
    late.refresh_from_db()
    assert late.assignee == desk.ana


def test_an_agent_hands_over_and_a_refusal_keeps_the_words(
    desk, late: Ticket, client: Client
) -> None:
    client.force_login(desk.ana)
    shown = page(client, "escalations-panel", late)
    assert "Take the ticket over" not in shown
    assert "Hand to a supervisor" in shown
    address = reverse("ticket-hand-over", args=[late.reference])
    assert client.post(address, {"reason": " "}).status_code == 422
    refused = client.post(address, {"reason": "x" * 201})
    assert refused.status_code == 422
    assert "x" * 201 in refused.content.decode()
    assert client.post(address, {"reason": "He shouts."}).status_code == 302
    again = client.post(address, {"reason": "He still does."})
    assert again.status_code == 409
    assert "He still does." in again.content.decode() or "already" in again.content.decode()


@pytest.mark.parametrize("action", ["ticket-take-over", "ticket-hand-back"])
def test_an_agent_may_not_do_what_is_a_supervisors(
    desk, late: Ticket, client: Client, action: str
) -> None:
    client.force_login(desk.ben)
    assert client.post(reverse(action, args=[late.reference]), {"note": "x"}).status_code == 403


def test_what_is_typed_is_escaped(desk, late: Ticket, client: Client) -> None:
    client.force_login(desk.ana)
    address = reverse("ticket-hand-over", args=[late.reference])
    client.post(address, {"reason": "<script>alert(1)</script>"})
    assert "<script>alert" not in page(client, "escalations-panel", late)


def test_alive_needs_no_database(client: Client, django_assert_num_queries, db: None) -> None:
    with django_assert_num_queries(0):
        assert client.get("/healthz").content == b"ok\n"


def test_ready_only_after_a_sweep(db: None, client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "No sweep has run yet" in answer.json()["problems"][0]
    sweep_until_idle()
    assert client.get("/readyz").json()["ready"] is True


def test_not_ready_when_the_sweep_is_old(db: None, client: Client) -> None:
    pulse.beat(at=timezone.now() - timedelta(seconds=90), took=timedelta(0), acted=0)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["sweep_age_seconds"] >= 90


def test_not_ready_when_a_due_row_waits(desk, late: Ticket, client: Client) -> None:
    pulse.beat(at=timezone.now(), took=timedelta(0), acted=0)
    Clock.objects.filter(ticket=late, metric="resolution").update(
        next_step_at=timezone.now() - 2 * MINUTE
    )
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["oldest_overdue_seconds"] >= 120


def test_not_ready_without_a_database_and_no_secret_is_told(
    db: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(now: datetime) -> None:
        raise OperationalError("password authentication failed for user")

    monkeypatch.setattr(pulse, "read", gone)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "password" not in answer.content.decode()


def test_the_desk_is_told_when_nobody_watches_the_clocks(desk, client: Client) -> None:
    client.force_login(desk.ana)
    assert "not being watched" in client.get(reverse("pulse")).content.decode()
    sweep_until_idle()
    assert client.get(reverse("pulse")).content.decode().strip() == ""


def test_what_was_set_aside_is_shown_to_supervisors(desk, late: Ticket, client: Client) -> None:
    Clock.objects.filter(ticket=late, metric="resolution").update(
        parked_at=timezone.now(), next_step_at=None
    )
    pulse.beat(at=timezone.now(), took=timedelta(0), acted=0)
    client.force_login(desk.sue)
    assert "set aside" in client.get(reverse("pulse")).content.decode()
    assert "set aside" in page(client, "clocks-panel", late)
    client.force_login(desk.ana)
    assert "set aside" not in client.get(reverse("pulse")).content.decode()


def test_numbers_are_for_administrators_and_for_the_token(desk, client: Client, settings) -> None:
    assert client.get("/metrics").status_code == 403
    client.force_login(desk.sue)
    assert client.get("/metrics").status_code == 403
    client.force_login(desk.ada)
    assert b"helpdesk_sweep_age_seconds -1" in client.get("/metrics").content
    desk.ada.is_superuser = False
    desk.ada.save()
    assert client.get("/metrics").status_code == 200
    settings.METRICS_TOKEN = "s3cret"
    bearer = {"Authorization": "Bearer s3cret"}
    assert Client().get("/metrics", headers=bearer).status_code == 200
    assert Client().get("/metrics", headers={"Authorization": "Bearer no"}).status_code == 403


def test_an_hour_late_is_said_in_words(db: None, now: datetime) -> None:
    pulse.beat(at=now - 3 * HOUR, took=timedelta(0), acted=0)
    assert pulse.read(now).problems == ["Deadlines were last checked 3 h ago."]


def test_mail_that_stands_still_is_seen_by_monitors_and_on_the_desk(desk, client: Client) -> None:
    now = timezone.now()
    pulse.beat(at=now, took=timedelta(0), acted=0)
    queue = {"purpose": "notice", "recipients": [outbox.Recipient("a@x.example")], "subject": "A"}
    stuck = outbox.queue(**queue, text="Hello", now=now - timedelta(minutes=9))
    given_up = outbox.queue(**queue, text="Hello", now=now - timedelta(minutes=9))
    given_up.deliveries.update(state="dead", next_try_at=None)
    type(given_up).objects.filter(pk=given_up.pk).update(state="dead")
    for number, state in enumerate(("stored", "parked")):
        raw = inbound.store(b"%d" % number, now - timedelta(minutes=7), "test")
        type(raw).objects.filter(pk=raw.pk).update(state=state)
    answer = client.get("/readyz")
    body = answer.json()
    assert (answer.status_code, body["ready"], body["degraded"]) == (200, True, True)
    assert body["warnings"] == [
        "Mail that should have left 9 min ago has not left.",
        "Mail that came in 7 min ago has not been read.",
        "1 mail that came in could not be used; an admin has to look.",
    ]
    client.force_login(desk.ada)
    said = client.get("/metrics").content.decode()
    for line in ("undeliverable_mails 1", "parked_mails 1", "oldest_unsent_mail_seconds 54",
                 "oldest_unread_mail_seconds 42"):  # fmt: skip
        assert f"helpdesk_{line}" in said
    assert "has not left" in client.get(reverse("pulse")).content.decode()
    stuck.deliveries.update(state="sent", next_try_at=None)
    assert "has not left" not in client.get(reverse("pulse")).content.decode()
