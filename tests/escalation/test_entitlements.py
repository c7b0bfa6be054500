"""What a customer is entitled to, beside their ticket."""

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from escalation import publishing
from escalation.entitling import entitlement_of
from escalation.models import Binding, Calendar, Policy
from tests.escalation.conftest import DAY, HOUR, policy
from tickets.models import Ticket
from tickets.people.models import User

Open = Callable[..., Ticket]


@pytest.fixture
def gold(desk: SimpleNamespace, now: datetime) -> Policy:
    office = Calendar.objects.get(name="Office hours")
    made = policy(
        "Gold care", now - HOUR,
        {"metric": "first_reply", "duration": 4 * HOUR, "calendar": office},
        {"metric": "first_reply", "duration": HOUR, "priority": "urgent"},
        {"metric": "resolution"},
    )  # fmt: skip
    made.tiers.add(desk.gold)
    publishing.publish_policy(policy=made, now=now - HOUR)
    desk.gold.entitlements = "A named person"
    desk.gold.save()
    return made


def panel(user: User, ticket: Ticket, now: datetime, *, htmx: bool = True) -> str:
    client = Client()
    with time_machine.travel(now, tick=False):
        client.force_login(user)
        headers = {"HX-Request": "true"} if htmx else {}
        answer = client.get(f"/tickets/{ticket.reference}/entitlements/", headers=headers)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_it_says_the_tier_the_schedule_its_promises_and_when_somebody_is_there(
    desk: SimpleNamespace, gold: Policy, opened: Open, now: datetime
) -> None:
    shown = panel(desk.ana, opened(requester=desk.carla), now)
    for words in (
        "Gold", "A named person", "Gold care (version 2)", "the customer&#x27;s tier is «Gold»",
        "First reply within 4 h of Office hours", "Resolution without a target",
        "Office hours</bdi>: Monday to Friday 09:00–17:00 (UTC).",
        "Open now, until Tue 3 Mar 2026, 17:00 UTC",
    ):  # fmt: skip
        assert words in shown, words
    assert "<html" not in shown


def test_it_is_what_holds_at_the_tickets_priority(
    desk: SimpleNamespace, gold: Policy, opened: Open, now: datetime
) -> None:
    found = entitlement_of(opened(requester=desk.carla, priority="urgent"), now)
    assert "First reply within 1 h, day and night" in found.promises
    assert found.support == []


def test_at_night_it_says_when_it_opens(
    desk: SimpleNamespace, gold: Policy, opened: Open, now: datetime
) -> None:
    shown = panel(desk.ana, opened(requester=desk.carla), now + 8 * HOUR)
    assert "Closed now, opens Wed 4 Mar 2026, 09:00 UTC" in shown


def test_a_newer_version_is_named_that_new_tickets_get(
    desk: SimpleNamespace, gold: Policy, opened: Open, now: datetime
) -> None:
    ticket = opened(requester=desk.carla)
    gold.targets.filter(metric="first_reply", priority="").update(duration=2 * HOUR)
    publishing.publish_policy(policy=gold, now=now + HOUR)
    assert "new tickets have version 3" in panel(desk.ana, ticket, now + DAY)


def test_a_ticket_without_a_schedule_says_so(
    desk: SimpleNamespace, opened: Open, now: datetime
) -> None:
    ticket = opened()
    Binding.objects.filter(ticket=ticket).delete()
    assert "none holds on this ticket" in panel(desk.ana, ticket, now, htmx=False)


def test_who_may_not_see_the_ticket_sees_no_entitlements(
    desk: SimpleNamespace, opened: Open, client: Client
) -> None:
    address = f"/tickets/{opened().reference}/entitlements/"
    assert client.get(address).status_code == 302
    client.force_login(desk.bo)
    assert client.get(address).status_code == 404


def test_the_panel_costs_little(
    desk: SimpleNamespace, gold: Policy, opened: Open, now: datetime
) -> None:
    ticket = opened(requester=desk.carla)
    panel(desk.ana, ticket, now)
    client = Client()
    client.force_login(desk.ana)
    address = f"/tickets/{ticket.reference}/entitlements/"
    with CaptureQueriesContext(connection) as asked:
        client.get(address, headers={"HX-Request": "true"})
    assert len(asked) <= 8
