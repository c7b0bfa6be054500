"""What the customer will see, beside the words that are typed: by mouse, by keyboard, as one types."""

from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LogIn
from tests.browser.hands import HANDS, at_rest
from tests.browser.test_accessible import violations
from tests.desk.conftest import Opener
from tickets.models import Message
from tickets.outbox.models import OutgoingMail

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("by", HANDS)
def test_the_preview_opens_in_place_follows_the_typing_and_sends_nothing(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn, by: str
) -> None:
    hands, page = HANDS[by], log_in(cast.ana)
    page.goto(f"/tickets/{opened().reference}/")
    at_rest(page)
    area = page.locator("#reply textarea")
    hands.write(area, "It is **ready**.")
    hands.press(page.locator("#reply").get_by_role("button", name="Preview"))
    seen = page.get_by_role("region", name="What Carla Customer will see")
    expect(seen).to_be_focused()
    expect(seen.locator("strong")).to_have_text("ready")
    expect(seen).to_contain_text("Your reference: HD-")
    expect(area).to_have_value("It is **ready**.")
    area.focus()
    page.keyboard.press("ControlOrMeta+End")
    page.keyboard.type(" *Soon.*")
    expect(seen.locator("em")).to_have_text("Soon.")
    expect(area).to_be_focused()
    assert violations(page) == []
    assert not OutgoingMail.objects.exists()
    hands.press(page.get_by_role("button", name="Send reply"))
    expect(page.locator("article.reply em")).to_have_text("Soon.")
    assert Message.objects.get(kind="reply").body == "It is **ready**. *Soon.*"


def test_enter_in_the_field_for_copies_sends_and_does_not_preview(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    page = log_in(cast.ana)
    page.goto(f"/tickets/{opened().reference}/")
    page.locator("#reply textarea").fill("It is ready.")
    page.locator("#reply summary", has_text="Cc").click()
    page.get_by_label("Copy to (Cc)").fill("boss@acme.example")
    page.get_by_label("Copy to (Cc)").press("Enter")
    expect(page.locator("article.reply")).to_contain_text("It is ready.")


def test_a_progress_line_and_a_held_reply_have_one_too(
    transactional_db: None, cast: SimpleNamespace, held: Message, log_in: LogIn
) -> None:
    page = log_in(cast.ana)
    page.goto(f"/tickets/{held.ticket.reference}/")
    page.locator("#progress > summary").click()
    page.locator("#progress textarea").fill("With `engineering`.")
    page.locator("#progress").get_by_role("button", name="Preview").click()
    expect(page.locator("#progress-preview code")).to_have_text("engineering")
    page.locator("#progress textarea").fill("")
    page.goto(f"/tickets/{held.ticket.reference}/messages/{held.pk}/edit/")
    page.get_by_label("The words").fill("A *better* one.")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#held-preview em")).to_have_text("better")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("article.reply em")).to_have_text("better")
