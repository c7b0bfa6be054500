"""Two agents on one ticket, each in a browser: who saves second is told, and loses nothing."""

from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn
from tests.browser.hands import HANDS, at_rest
from tests.desk.conftest import Opener
from tickets.models import Message, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def both(log_in: LogIn, cast: SimpleNamespace, address: str) -> tuple[Page, Page]:
    ana, ben = log_in(cast.ana), log_in(cast.ben)
    for page in (ana, ben):
        page.goto(address)
        at_rest(page)
    return ana, ben


@pytest.mark.parametrize("by", HANDS)
def test_two_change_the_properties(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn, by: str
) -> None:
    ticket, hands = opened(), HANDS[by]
    ana, ben = both(log_in, cast, f"/tickets/{ticket.reference}/")
    hands.write(ana.locator("#reply textarea"), "Half an answer")
    for page, priority in ((ben, "Urgent"), (ana, "High")):
        form = page.locator("#properties form").first
        hands.choose(form.get_by_label("Priority"), priority)
        hands.press(form.get_by_role("button", name="Save", exact=True))
    told = ana.locator("main [role=alert]").first
    expect(told).to_contain_text("Ben changed the priority: normal → urgent")
    expect(ana.locator("#properties").get_by_label("Priority")).to_have_value("high")
    expect(ana.locator("#reply textarea")).to_have_value("Half an answer")
    assert Ticket.objects.get(pk=ticket.pk).priority == "urgent"
    hands.press(ana.locator("#properties").get_by_role("button", name="Save", exact=True))
    expect(ana.locator("#head")).to_contain_text("High priority")
    expect(ana.locator("#reply textarea")).to_have_value("Half an answer")
    assert Ticket.objects.get(pk=ticket.pk).priority == "high"
    ana.locator("#reply textarea").fill("")


@pytest.mark.parametrize("by", HANDS)
def test_two_answer_and_the_second_is_shown_what_the_first_said(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn, by: str
) -> None:
    ticket, hands = opened(), HANDS[by]
    ana, ben = both(log_in, cast, f"/tickets/{ticket.reference}/")
    hands.write(ana.locator("#reply textarea"), "Ana's answer, typed for ten minutes.")
    hands.write(ben.locator("#reply textarea"), "Ben's answer.")
    hands.press(ben.get_by_role("button", name="Send reply"))
    expect(ben.locator("article.reply")).to_contain_text("Ben's answer.")
    hands.press(ana.get_by_role("button", name="Send reply"))
    expect(ana.locator("#reply .unread")).to_contain_text("Ben's answer.")
    expect(ana.locator("#reply textarea")).to_have_value("Ana's answer, typed for ten minutes.")
    assert Message.objects.filter(kind="reply").count() == 1
    hands.press(ana.get_by_role("button", name="Send reply"))
    expect(ana.locator("article.reply")).to_have_count(2)
    assert set(Message.objects.filter(kind="reply").values_list("mail__state", flat=True)) == {
        "held"
    }


@pytest.mark.parametrize("by", HANDS)
def test_two_edit_one_held_reply(
    transactional_db: None, cast: SimpleNamespace, held: Message, log_in: LogIn, by: str
) -> None:
    hands = HANDS[by]
    ana, ben = both(log_in, cast, f"/tickets/{held.ticket.reference}/messages/{held.pk}/edit/")
    hands.write(ben.get_by_label("The words"), "Ben's words.")
    hands.write(ana.get_by_label("The words"), "Ana's words.")
    hands.press(ben.get_by_role("button", name="Save"))
    expect(ben.locator("article.reply")).to_contain_text("Ben's words.")
    hands.press(ana.get_by_role("button", name="Save"))
    expect(ana.locator(".errors")).to_contain_text("Ben edited this reply after you opened it.")
    expect(ana.locator("main")).to_contain_text("Ben's words.")
    expect(ana.get_by_label("The words")).to_have_value("Ana's words.")
    hands.press(ana.get_by_role("button", name="Save"))
    expect(ana.locator("article.reply")).to_contain_text("Ana's words.")
