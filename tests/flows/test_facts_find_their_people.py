"""What the company decided beforehand: a large order, a management decision, a suggestion."""

from datetime import datetime
from types import SimpleNamespace

import pytest

from escalation.models import Clock, Escalation
from tests.flows.conftest import DAY, HOUR, MINUTE, Company
from tests.inbound.conftest import written
from tickets.calls.models import Callback
from tickets.models import Category, Ticket, TicketEvent
from tickets.people.models import User

EVE, SUE = "eve@company.example", "sue@company.example"
Kind = TicketEvent.Kind


def alerted(company: Company, at: datetime) -> set[str]:
    return {to for to, _ in company.sweeps(at) if to.endswith("@company.example")}


def filed(company: Company, who: User, ticket: Ticket, category: Category, at: datetime) -> None:
    """Somebody files the ticket at the desk."""
    ticket.refresh_from_db()
    said = {
        "status": ticket.status, "category": category.pk, "team": ticket.team_id,
        "assignee": ticket.assignee_id or "", "priority": ticket.priority,
    }  # fmt: skip
    company.posts(who, f"/tickets/{ticket.reference}/properties/", at, **said)


@pytest.mark.parametrize(("number", "told"), [("A-1001", {EVE}), ("A-1002", set())])
def test_a_mail_naming_an_order_strictly_above_500_goes_to_the_executives(
    company: Company, cast: SimpleNamespace, now: datetime, number: str, told: set[str]
) -> None:
    ticket = company.receives(written(text=f"Where is my order {number.lower()}?"), now)
    assert [order.number for order in ticket.orders.all()] == [number]
    assert alerted(company, now) == told
    page = company.gets(cast.eve, f"/tickets/{ticket.reference}/", now)
    assert page.status_code == (200 if told else 404)


def test_a_management_decision_is_flagged_escalated_at_once_and_owed_a_call(
    company: Company, cast: SimpleNamespace, ticket: Ticket, now: datetime
) -> None:
    filed(company, cast.ana, ticket, cast.management, now + MINUTE)
    flag = ticket.events.get(kind=Kind.FLAGGED)
    assert flag.data["because"].endswith("Needs a management decision.")
    assert alerted(company, now + MINUTE) == {SUE}
    owed = Clock.objects.get(ticket=ticket, metric="callback")
    assert (owed.state, owed.due_at) == ("running", now + MINUTE + 4 * HOUR)
    assert Callback.objects.filter(ticket=ticket).count() == 1
    assert alerted(company, now + MINUTE + HOUR) == {SUE, EVE}


def test_a_suggestion_is_filed_and_thanked_and_alarms_nobody(
    company: Company, cast: SimpleNamespace, now: datetime
) -> None:
    Category.objects.filter(is_default=True).update(is_default=False)
    Category.objects.filter(pk=cast.suggestion.pk).update(is_default=True)
    ticket = company.receives(written(subject="Make it blue"), now)
    assert [to for to, _ in company.sweeps(now)] == ["carla@acme.example"]
    for days in (1, 2, 5, 30, 90):
        assert company.sweeps(now + days * DAY) == []
    assert not Escalation.objects.filter(ticket=ticket).exists()
    assert not Clock.objects.filter(ticket=ticket, due_at__isnull=False).exists()


def test_filing_it_as_a_suggestion_ends_the_alarm_that_would_have_come(
    company: Company, cast: SimpleNamespace, ticket: Ticket, now: datetime
) -> None:
    filed(company, cast.ana, ticket, cast.suggestion, now + MINUTE)
    for days in (1, 2, 30):
        assert company.sweeps(now + days * DAY) == []
