"""An order of $500.01 goes to the executives, one of $500.00 does not: by mail, at the desk."""

import io
import sys
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from escalation.defaults import install_defaults
from tests.browser.conftest import LogIn
from tests.browser.hands import HANDS
from tests.inbound.conftest import written
from tickets.models import Ticket
from tickets.people.models import Contact, Order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def ordered(contact: Contact, number: str, amount: str) -> None:
    Order.objects.create(
        number=number, contact=contact, amount=Decimal(amount), placed_at=timezone.now()
    )


@pytest.fixture
def two_mails(
    transactional_db: None,
    cast: SimpleNamespace,
    monkeypatch: pytest.MonkeyPatch,
    settings: SimpleNamespace,
    tmp_path: object,
) -> SimpleNamespace:
    """Carla asks for an order of $500.01, Carl for one of $500.00; both come through the pipe."""
    settings.MEDIA_ROOT = settings.DATA_DIR = tmp_path
    install_defaults(now=timezone.now())
    ordered(cast.carla, "A-1001", "500.01")
    ordered(cast.carl, "A-1002", "500.00")

    def receives(contact: Contact, number: str) -> Ticket:
        raw = written(
            sender=f"{contact.name} <{contact.email}>", subject=f"Where is {number}?",
            text=f"I ordered {number} weeks ago.", message_id=f"<{number}@home.example>",
        )  # fmt: skip
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
        call_command("receive_mail")
        return Ticket.objects.latest("pk")

    more, less = receives(cast.carla, "A-1001"), receives(cast.carl, "A-1002")
    call_command("sweep", stdout=io.StringIO())
    return SimpleNamespace(more=more, less=less)


@pytest.mark.parametrize("by", HANDS)
def test_the_executive_has_the_first_before_her_and_the_agent_sees_why(
    cast: SimpleNamespace, two_mails: SimpleNamespace, log_in: LogIn, by: str
) -> None:
    hands, more, less = HANDS[by], two_mails.more, two_mails.less
    eve = log_in(cast.eve)
    expect(eve.locator("#rows tbody tr")).to_have_count(1)
    expect(eve.locator("#rows")).to_contain_text("Where is A-1001?")
    hands.press(eve.locator(f"#t-{more.reference}"))
    expect(eve.get_by_role("region", name="Orders and earlier tickets")).to_contain_text("500.01")
    expect(eve.get_by_role("region", name="Escalations")).to_contain_text("A-1001")
    hands.press(eve.get_by_role("link", name="Escalations", exact=False).first)
    expect(eve.get_by_role("heading", level=1)).to_contain_text("Escalations")
    expect(eve.locator("#board")).to_contain_text("Where is A-1001?")
    expect(eve.locator("#board")).not_to_contain_text("A-1002")
    eve.goto(f"/tickets/{less.reference}/")
    expect(eve.locator("main")).not_to_contain_text("A-1002")

    ana = log_in(cast.ana)
    expect(ana.locator("#rows tbody tr")).to_have_count(2)
    hands.press(ana.locator(f"#t-{more.reference}"))
    why = ana.get_by_role("region", name="Escalations")
    expect(why).to_contain_text("order A-1001 is worth 500.01 USD, more than 500.00 USD")
    expect(why).to_contain_text("Eve")
    ana.goto("/")
    hands.press(ana.locator(f"#t-{less.reference}"))
    expect(ana.get_by_role("region", name="Orders and earlier tickets")).to_contain_text("500.00")
    expect(ana.get_by_role("region", name="Escalations")).to_contain_text("Nothing is escalated.")
