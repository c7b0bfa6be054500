"""An offer beyond an agent's authority: asked for, approved by a double click, granted once."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from escalation.defaults import install_defaults as install_clocks
from kb.defaults import install_defaults
from kb.offers.models import Grant, LedgerEntry, Offer
from kb.offers.services import approve, request_approval
from tests.browser.conftest import LogIn
from tests.browser.hands import HANDS, Hands, at_rest
from tests.desk.conftest import Opener
from tickets.models import Category, Draft, Ticket, TicketEvent
from tickets.outbox.models import OutgoingMail

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def broken(transactional_db: None, cast: SimpleNamespace, opened: Opener) -> Ticket:
    """The third wrong lamp: a fault, for which something may be offered."""
    now = timezone.now()
    install_clocks(now=now)
    install_defaults(now=now)
    fault = Category.objects.create(name="Fault", nature="problem")
    return opened(subject="The third wrong lamp", category=fault, assignee=cast.ana)


def credit(page: Page, ticket: Ticket) -> Locator:
    page.goto(f"/tickets/{ticket.reference}/")
    at_rest(page)
    return page.locator("#offers-panel details.offer").filter(has_text="Credit").first


def pressed_twice(page: Page, by: str, button: Locator, hands: Hands) -> None:
    """As an impatient hand does, without waiting for an answer in between."""
    if by == "mouse":
        button.dblclick()
    else:
        hands.press(button)
        page.keyboard.press("Enter")
    at_rest(page)


@pytest.mark.parametrize("by", HANDS)
def test_asked_for_by_one_and_approved_by_a_double_click_of_another(
    cast: SimpleNamespace, broken: Ticket, log_in: LogIn, by: str
) -> None:
    hands, ana = HANDS[by], log_in(cast.ana)
    offer = credit(ana, broken)
    hands.press(offer.locator("summary"))
    hands.write(offer.get_by_label("Amount"), "40")
    hands.write(offer.get_by_label("Why (for the ledger"), "Third lamp in a row")
    pressed_twice(ana, by, offer.get_by_role("button", name="Ask for approval"), hands)
    expect(ana.locator("#offers-panel")).to_contain_text("is asked for")
    asked = Grant.objects.get()
    assert (asked.state, asked.requested_by) == ("requested", cast.ana)
    assert not LedgerEntry.objects.exists()

    sue = log_in(cast.sue)
    credit(sue, broken)
    panel = sue.locator("#offers-panel")
    expect(panel).to_contain_text("Third lamp in a row")
    pressed_twice(sue, by, panel.get_by_role("button", name="Approve"), hands)
    expect(panel).to_contain_text("granted by Sue")

    grant = Grant.objects.get()
    assert (grant.state, grant.decided_by) == ("granted", cast.sue)
    assert LedgerEntry.objects.count() == 1
    assert TicketEvent.objects.filter(ticket=broken, kind="offer_granted").count() == 1
    assert OutgoingMail.objects.filter(subject__endswith="granted").count() == 1

    offer = credit(ana, broken)
    hands.press(offer.locator("summary"))
    # They are in her reply since it was approved; asked for again, they are not said twice.
    hands.press(offer.get_by_role("button", name="Put its words into the reply"))
    words = ana.locator("#reply textarea").input_value()
    assert words == grant.offer.words.replace("{amount}", "40.00 USD")
    hands.press(ana.get_by_role("button", name="Send reply"))
    expect(ana.locator("article.reply")).to_contain_text(words.split(".")[0])


@pytest.mark.parametrize("by", HANDS)
def test_a_grant_within_ones_authority_is_given_once_however_often_it_is_pressed(
    cast: SimpleNamespace, broken: Ticket, log_in: LogIn, by: str
) -> None:
    hands, ana = HANDS[by], log_in(cast.ana)
    offer = credit(ana, broken)
    hands.press(offer.locator("summary"))
    hands.write(offer.get_by_label("Amount"), "5")
    pressed_twice(ana, by, offer.get_by_role("button", name="Grant"), hands)
    expect(ana.locator("#offers-panel")).to_contain_text("is granted.")
    assert Grant.objects.get().state == "granted"
    assert LedgerEntry.objects.count() == 1


def test_what_is_approved_while_she_types_is_in_the_reply_she_opens_next(
    cast: SimpleNamespace, broken: Ticket, log_in: LogIn
) -> None:
    offer = Offer.objects.get(name="Credit")
    asked = request_approval(
        ticket=broken, offer=offer, amount=Decimal(40), actor=cast.ana, now=timezone.now(), key="k"
    )
    ana = log_in(cast.ana)
    ana.goto(f"/tickets/{broken.reference}/")
    area, kept = ana.locator("#reply textarea"), ana.locator("#reply .kept-at")
    area.press_sequentially("Dear Carla,")
    expect(kept).to_contain_text("Draft kept")
    approve(grant=asked, actor=cast.sue, now=timezone.now())
    with ana.expect_response("**/drafts/reply/"):
        area.press_sequentially(" we hurry.")
    ana.get_by_role("button", name="Send reply").click()
    expect(ana.locator("article.reply").first).to_contain_text("we hurry.")
    expect(area).to_have_value(offer.words.replace("{amount}", "40.00 USD"))


def test_words_that_the_panel_wrote_and_she_changed_at_once_are_sent_and_gone(
    cast: SimpleNamespace, broken: Ticket, log_in: LogIn
) -> None:
    ana = log_in(cast.ana)
    offer = credit(ana, broken)
    offer.locator("summary").click()
    offer.get_by_label("Amount").fill("20")
    offer.get_by_role("button", name="Grant").click()
    area = ana.locator("#reply textarea")
    words = Offer.objects.get(name="Credit").words
    expect(area).to_have_value(words.replace("{amount}", "20.00 USD"))
    area.fill("20 USD are on your account.")
    ana.get_by_role("button", name="Send reply").click()
    expect(ana.locator("article.reply").first).to_contain_text("20 USD are on your account.")
    expect(area).to_have_value("")
    assert not Draft.objects.exists()
